# Into each view (?view is given). What kind of agent the value of an accepted claim is, and in cg:established who published or wrote a document.
# Whom no accepted claim and no document names so is no agent in any view.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
INSERT { GRAPH ?view { ?agent a ?kind . ?document ?part ?agent } }
WHERE {
  GRAPH <https://w3id.org/civicgraph/ontology> { ?kind rdfs:subClassOf* cg:Agent }
  GRAPH cg:claims { ?agent a ?kind }
  GRAPH cg:claims {
    { ?claim rdf:object ?agent ; cg:view ?view }
    UNION { VALUES (?part ?view) { (dct:publisher cg:established) (dct:creator cg:established) } ?document ?part ?agent }
  }
}
