# In cg:established. Each member of a joint venture holds a part of it; whether one decides alone is not said by that.
# From the day of its formation, or by the day on which the first document told of the member.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
INSERT { GRAPH cg:established {
  ?ownership a cg:Ownership ; rdfs:label ?label ; cg:owner ?owner ; cg:owned ?owned ; prov:wasDerivedFrom ?claim ; prov:wasGeneratedBy ?event ;
    cg:start ?date ; cg:startEarliest ?earliest ; cg:startLatest ?latest .
} }
WHERE {
  GRAPH cg:established {
    ?owned a cg:JointVenture ; cg:member ?owner ; rdfs:label ?ownedName .
    ?owner rdfs:label ?ownerName .
    FILTER (?owner != ?owned)
  }
  GRAPH cg:claims { ?claim cg:view cg:established ; rdf:subject ?owned ; rdf:predicate cg:member ; rdf:object ?owner }
  FILTER EXISTS { GRAPH cg:established { ?owner a ?kind } GRAPH <https://w3id.org/civicgraph/ontology> { ?kind rdfs:subClassOf* cg:Organisation } }
  OPTIONAL { GRAPH cg:established {
    ?event a cg:Formation ; cg:result ?owned ; cg:date ?date .
    OPTIONAL { ?event cg:dateEarliest ?earliest }
    OPTIONAL { ?event cg:dateLatest ?dateLatest }
  } }
  OPTIONAL {
    SELECT ?owned ?owner (MIN(?day) AS ?told) WHERE {
      GRAPH cg:claims {
        ?any cg:view cg:established ; rdf:subject ?owned ; rdf:predicate cg:member ; rdf:object ?owner ; prov:wasDerivedFrom ?evidence .
        ?evidence oa:hasSource ?document .
        ?document cg:issuedLatest ?day .
      }
    } GROUP BY ?owned ?owner
  }
  BIND (COALESCE(?dateLatest, IF(BOUND(?date) && DATATYPE(?date) = xsd:date, ?unbound, ?told)) AS ?latest)
  BIND (CONCAT(?ownerName, " as a partner in ", ?ownedName) AS ?label)
  BIND (SUBSTR(SHA256(CONCAT(STR(?owner), " ", STR(?owned))), 1, 16) AS ?slug)
  BIND (IRI(CONCAT(REPLACE(STR(?owned), "/[^/]*/[^/]*$", "/ownership/"), ?slug)) AS ?ownership)
}
