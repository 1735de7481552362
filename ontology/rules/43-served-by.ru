# In each view. The customer of a service is served by its provider, unless it serves itself or one of the two is a sector at large.
# What a text tells of a sector says nothing of any member; of a customer group it does.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH ?view { ?customer cg:servedBy ?provider } }
WHERE {
  VALUES ?view { cg:established cg:plans cg:rumours }
  GRAPH ?view { ?service cg:customer ?customer ; cg:provider ?provider }
  FILTER (?customer != ?provider)
  FILTER NOT EXISTS {
    GRAPH ?view { ?service cg:customer|cg:provider ?party . ?party a cg:Sector }
    FILTER NOT EXISTS { GRAPH ?view { ?party a cg:CustomerGroup } }
  }
}
