# Into each view (?view is given). The triples of the claims accepted into it.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
INSERT { GRAPH ?view { ?s ?p ?o } }
WHERE { GRAPH cg:claims { ?claim cg:view ?view ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o } }
