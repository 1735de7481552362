# Into each view (?view is given). The earliest and latest day that an inexact date can mean, or the one of them that is known.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
INSERT { GRAPH ?view { ?s ?bound ?day } }
WHERE {
  GRAPH <https://w3id.org/civicgraph/ontology> { ?p cg:lowerBound|cg:upperBound ?bound }
  GRAPH cg:claims { ?claim cg:view ?view ; rdf:subject ?s ; rdf:predicate ?p ; ?bound ?day }
}
