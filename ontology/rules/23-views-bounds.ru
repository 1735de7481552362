# Into each view (?view is given). The earliest and latest day that an inexact date can mean.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
INSERT { GRAPH ?view { ?s ?lower ?earliest ; ?upper ?latest } }
WHERE {
  GRAPH <https://w3id.org/civicgraph/ontology> { ?p cg:lowerBound ?lower ; cg:upperBound ?upper }
  GRAPH cg:claims {
    ?claim cg:view ?view ; rdf:subject ?s ; rdf:predicate ?p .
    OPTIONAL { ?claim ?lower ?earliest }
    OPTIONAL { ?claim ?upper ?latest }
  }
}
