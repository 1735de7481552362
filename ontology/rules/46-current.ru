# In the established view. Contracts that run at the as-of date: begun, not terminated, with an end that is known and not past.
# Where a date is inexact, the day most against "current" counts, so that nothing is called current that may not be.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH cg:established { ?buyer cg:currentlyContractsWith ?supplier } }
WHERE {
  GRAPH cg:established {
    cg:established cg:asOf ?asOf .
    ?contract a cg:Contract ; cg:buyer ?buyer ; cg:supplier ?supplier .
    OPTIONAL { ?contract cg:start ?startDay }
    OPTIONAL { ?contract cg:startLatest ?startLatest }
    OPTIONAL { ?contract cg:end ?endDay }
    OPTIONAL { ?contract cg:endEarliest ?endEarliest }
    FILTER NOT EXISTS { ?contract cg:terminated ?ended }
    BIND (COALESCE(?startLatest, ?startDay) AS ?start)
    BIND (COALESCE(?endEarliest, ?endDay) AS ?end)
    FILTER (?start <= ?asOf && ?end >= ?asOf)
  }
}
