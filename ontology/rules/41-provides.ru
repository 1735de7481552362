# In each view. The inverse of cg:provider.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH ?view { ?provider cg:provides ?service } }
WHERE {
  VALUES ?view { cg:established cg:plans cg:rumours }
  GRAPH ?view {
  ?service cg:provider ?provider
  }
}
