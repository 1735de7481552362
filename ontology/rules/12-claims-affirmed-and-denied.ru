# Into cg:claims. The same triple affirmed by one claim and denied by another of the same modality, both in headline or body and neither rejected.
# That a thing is denied as a fact does not contradict a plan for it.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
INSERT { GRAPH cg:claims {
  ?yes cg:contradicts ?no . ?no cg:contradicts ?yes .
  ?found a cg:Contradiction ; cg:between ?yes, ?no ; cg:foundBy "affirmed and denied" .
} }
WHERE {
  GRAPH cg:claims {
    ?yes rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; cg:polarity cg:affirmed ; cg:modality ?modality ; cg:section ?yesIn .
    ?no rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; cg:polarity cg:denied ; cg:modality ?modality ; cg:section ?noIn .
    FILTER (?yesIn IN (cg:headline, cg:body) && ?noIn IN (cg:headline, cg:body))
    FILTER NOT EXISTS { ?yes cg:rejected ?why }
    FILTER NOT EXISTS { ?no cg:rejected ?why }
  }
  BIND (IRI(CONCAT(REPLACE(STR(?yes), "/[^/]*/[^/]*$", "/contradiction/"), SUBSTR(SHA256(CONCAT(STR(?yes), " ", STR(?no))), 1, 16))) AS ?found)
}
