# In cg:established. A thing that two sources name differently keeps one label, the first in code-point order; the others become aliases.
# Organisations, of which records bring many, have one label already: the decision who is who gives it.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
DELETE { GRAPH cg:established { ?thing rdfs:label ?other } }
INSERT { GRAPH cg:established { ?thing skos:altLabel ?other } }
WHERE {
  GRAPH cg:established {
    ?thing rdfs:label ?label, ?other .
    FILTER (STR(?label) < STR(?other))
  }
}
