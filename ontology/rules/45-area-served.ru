# In each view. A service for which no area is stated is for its customer's own area; a council's own area is where the council is.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH ?view { ?service cg:areaServed ?place } }
WHERE {
  VALUES ?view { cg:established cg:plans cg:rumours }
  GRAPH ?view {
    ?service cg:customer ?customer .
    FILTER NOT EXISTS { ?service cg:areaServed ?stated }
  }
  GRAPH cg:established {
    { ?customer cg:areaServed ?place }
    UNION {
      ?customer a cg:Council ; cg:basedIn ?place .
      FILTER NOT EXISTS { ?customer cg:areaServed ?own }
    }
  }
}
