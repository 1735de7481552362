# Into cg:claims. Two claims of the same modality that give different values to a property that can have only one.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
INSERT { GRAPH cg:claims { ?one cg:contradicts ?other . ?other cg:contradicts ?one } }
WHERE {
  GRAPH <https://w3id.org/civicgraph/ontology> { ?p cg:singleValued true }
  GRAPH cg:claims {
    ?one rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?a ; cg:polarity cg:affirmed ; cg:modality ?modality .
    ?other rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?b ; cg:polarity cg:affirmed ; cg:modality ?modality .
  }
  FILTER (?a != ?b)
}
