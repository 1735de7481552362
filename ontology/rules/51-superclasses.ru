# In each view. A council is a public body, an organisation and an agent: asked for by any of these, it is found.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
INSERT { GRAPH ?view { ?thing a ?broader } }
WHERE {
  VALUES ?view { cg:established cg:plans cg:rumours }
  GRAPH <https://w3id.org/civicgraph/ontology> {
    ?class rdfs:subClassOf+ ?broader .
    FILTER (STRSTARTS(STR(?broader), STR(cg:)))
  }
  GRAPH ?view { ?thing a ?class }
}
