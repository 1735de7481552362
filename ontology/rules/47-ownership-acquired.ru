# In cg:established. Whoever acquired an organisation owns it from the day of the acquisition, and decides alone.
# The whole of it: where a part was bought, the part is what is acquired.
# Without a day, it is owned by the day on which the first document told of it: what is told as a fact had happened by then.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
INSERT { GRAPH cg:established {
  ?ownership a cg:Ownership ; rdfs:label ?label ; cg:owner ?owner ; cg:owned ?owned ; cg:controls true ; prov:wasGeneratedBy ?event ;
    cg:start ?date ; cg:startEarliest ?earliest ; cg:startLatest ?latest .
} }
WHERE {
  GRAPH cg:established {
    ?event a cg:Acquisition ; cg:acquirer ?owner ; cg:acquired ?owned .
    ?owner rdfs:label ?ownerName .
    ?owned rdfs:label ?ownedName .
    FILTER (?owner != ?owned)
  }
  # A sector is no organisation, so what "the private sector" takes over is in no group.
  FILTER EXISTS { GRAPH cg:established { ?owner a ?kind } GRAPH <https://w3id.org/civicgraph/ontology> { ?kind rdfs:subClassOf* cg:Organisation } }
  FILTER EXISTS { GRAPH cg:established { ?owned a ?kind } GRAPH <https://w3id.org/civicgraph/ontology> { ?kind rdfs:subClassOf* cg:Organisation } }
  OPTIONAL { GRAPH cg:established { ?event cg:date ?date } }
  OPTIONAL { GRAPH cg:established { ?event cg:dateEarliest ?earliest } }
  OPTIONAL { GRAPH cg:established { ?event cg:dateLatest ?dateLatest } }
  OPTIONAL {
    SELECT ?event (MIN(?day) AS ?told) WHERE {
      GRAPH cg:claims {
        ?claim cg:view cg:established ; rdf:subject ?event ; rdf:predicate rdf:type ; prov:wasDerivedFrom ?evidence .
        ?evidence oa:hasSource ?document .
        ?document cg:issuedLatest ?day .
      }
    } GROUP BY ?event
  }
  BIND (COALESCE(?dateLatest, IF(BOUND(?date) && DATATYPE(?date) = xsd:date, ?unbound, ?told)) AS ?latest)
  BIND (CONCAT(?ownerName, " as owner of ", ?ownedName) AS ?label)
  BIND (SUBSTR(SHA256(CONCAT(STR(?event), " ", STR(?owner), " ", STR(?owned))), 1, 16) AS ?slug)
  BIND (IRI(CONCAT(REPLACE(STR(?event), "/[^/]*/[^/]*$", "/ownership/"), ?slug)) AS ?ownership)
}
