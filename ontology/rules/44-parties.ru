# In each view. Who provides a service, supplies a contract or was paid is a supplier; who is served, buys under a contract or paid is a buyer.
# A service of which only one side is told has that side: its provider is a supplier although nobody says of whom.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH ?view { ?supplier a cg:Supplier . ?buyer a cg:Buyer } }
WHERE {
  VALUES ?view { cg:established cg:plans cg:rumours }
  GRAPH ?view {
    { ?service cg:provider ?supplier }
    UNION { ?service cg:customer ?buyer }
    UNION { VALUES ?kind { cg:Contract cg:Spend } ?deal a ?kind ; cg:supplier ?supplier }
    UNION { VALUES ?kind { cg:Contract cg:Spend } ?deal a ?kind ; cg:buyer ?buyer }
  }
}
