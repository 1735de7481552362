# In each view. The customer of a service is served by its provider.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH ?view { ?customer cg:servedBy ?provider } }
WHERE {
  VALUES ?view { cg:established cg:plans cg:rumours }
  GRAPH ?view {
  ?service cg:customer ?customer ; cg:provider ?provider
  }
}
