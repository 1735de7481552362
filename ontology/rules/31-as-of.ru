# Into cg:established. The date at which "current" is asked: the latest day on which anything in the data was published. Never today's.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH cg:established { cg:established cg:asOf ?asOf } }
WHERE {
  { SELECT (MAX(?day) AS ?asOf) WHERE { GRAPH cg:claims { ?document cg:issuedLatest ?day } } }
  FILTER (BOUND(?asOf))
}
