# In cg:established. The last day on which notice of a contract can be given: its end less the notice period.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH cg:established { ?contract cg:noticeDue ?due } }
WHERE {
  GRAPH cg:established { ?contract cg:noticePeriod ?period ; cg:end ?end }
  BIND (?end - ?period AS ?due)
  FILTER (BOUND(?due))
}
