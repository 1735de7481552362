# In each view. That a person holds a role in a body, where one document gives both in words that overlap: the join that the two alone do not keep.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
INSERT { GRAPH ?view {
  ?membership a cg:Membership ; rdfs:label ?label ; cg:holder ?person ; cg:heldIn ?body ; cg:role ?role ; prov:wasDerivedFrom ?ofBody, ?ofRole .
} }
WHERE {
  GRAPH cg:claims {
    ?ofBody cg:view ?view ; rdf:subject ?person ; rdf:predicate cg:memberOf ; rdf:object ?body ; prov:wasDerivedFrom ?bodyWords .
    ?ofRole cg:view ?view ; rdf:subject ?person ; rdf:predicate cg:role ; rdf:object ?role ; prov:wasDerivedFrom ?roleWords .
    ?bodyWords oa:hasSource ?document ; oa:hasSelector ?bodyPlace .
    ?roleWords oa:hasSource ?document ; oa:hasSelector ?rolePlace .
    ?bodyPlace oa:start ?bodyStart ; oa:end ?bodyEnd .
    ?rolePlace oa:start ?roleStart ; oa:end ?roleEnd .
    FILTER (?bodyStart < ?roleEnd && ?roleStart < ?bodyEnd)
  }
  # A sector has members, but nobody holds a role in it.
  FILTER EXISTS { GRAPH cg:established { ?body a ?kind } GRAPH <https://w3id.org/civicgraph/ontology> { ?kind rdfs:subClassOf* cg:Organisation } }
  GRAPH cg:established { ?person a cg:Person ; rdfs:label ?personName . ?body rdfs:label ?bodyName }
  BIND (CONCAT(?personName, ", ", ?role, ", ", ?bodyName) AS ?label)
  BIND (SUBSTR(SHA256(CONCAT(STR(?person), " ", STR(?body), " ", ?role)), 1, 16) AS ?slug)
  BIND (IRI(CONCAT(REPLACE(STR(?person), "/[^/]*/[^/]*$", "/membership/"), ?slug)) AS ?membership)
}
