# In each view. Each buyer of a contract contracts with each of its suppliers.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH ?view { ?buyer cg:contractsWith ?supplier ; cg:servedBy ?supplier } }
WHERE {
  VALUES ?view { cg:established cg:plans cg:rumours }
  GRAPH ?view {
  ?contract a cg:Contract ; cg:buyer ?buyer ; cg:supplier ?supplier
  }
}
