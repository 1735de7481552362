# In each view. Who provides, sells or was paid is a supplier; who is served, buys or paid is a buyer.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH ?view { ?supplier a cg:Supplier . ?buyer a cg:Buyer } }
WHERE {
  VALUES ?view { cg:established cg:plans cg:rumours }
  GRAPH ?view {
  { ?service cg:provider ?supplier ; cg:customer ?buyer }
    UNION { ?deal cg:supplier ?supplier ; cg:buyer ?buyer }
  }
}
