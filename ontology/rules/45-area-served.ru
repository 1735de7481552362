# In each view. A service for which no area is stated, there or as a fact, is for its customer's own area.
# A council for which none is stated either has as its own area where it is.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH ?view { ?service cg:areaServed ?place } }
WHERE {
  VALUES ?view { cg:established cg:plans cg:rumours }
  GRAPH ?view {
    ?service cg:customer ?customer .
    FILTER NOT EXISTS { ?service cg:areaServed ?stated }
  }
  FILTER NOT EXISTS { GRAPH cg:established { ?service cg:areaServed ?known } }
  GRAPH cg:established {
    { ?customer cg:areaServed ?place }
    UNION {
      ?customer a cg:Council ; cg:basedIn ?place .
      FILTER NOT EXISTS { ?customer cg:areaServed ?own }
    }
  }
}
