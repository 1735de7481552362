# Into each view (?view is given). What kind of thing a service, contract, event, programme or statistic is: only where a claim in the view is about it.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
INSERT { GRAPH ?view { ?s a ?kind } }
WHERE {
  GRAPH cg:claims {
    ?claim cg:view ?view ; rdf:subject ?s .
    ?s a ?kind .
  }
}
