# Into cg:claims. The same triple affirmed by one claim and denied by another.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
INSERT { GRAPH cg:claims { ?yes cg:contradicts ?no . ?no cg:contradicts ?yes } }
WHERE {
  GRAPH cg:claims {
    ?yes rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; cg:polarity cg:affirmed .
    ?no rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; cg:polarity cg:denied .
  }
}
