# Into cg:claims. A contradiction that one claim states holds for the other too; what no rule has found, the curator has.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH cg:claims {
  ?other cg:contradicts ?one .
  ?found a cg:Contradiction ; cg:between ?one, ?other ; cg:foundBy ?curator .
} }
WHERE {
  GRAPH cg:claims {
    ?one cg:contradicts ?other .
    FILTER NOT EXISTS { ?known cg:between ?one, ?other ; cg:foundBy ?rule FILTER (?rule != "curator") }
  }
  BIND ("curator" AS ?curator)
  BIND (IF(STR(?one) < STR(?other), CONCAT(STR(?one), " ", STR(?other)), CONCAT(STR(?other), " ", STR(?one))) AS ?pair)
  BIND (IRI(CONCAT(REPLACE(STR(?one), "/[^/]*/[^/]*$", "/contradiction/"), SUBSTR(SHA256(?pair), 1, 16))) AS ?found)
}
