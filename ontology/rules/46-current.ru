# In the established view. Contracts that run at the as-of date: begun, not ended by then, with an end that is known and not past.
# Where a date is inexact, or sources give several, the day most against "current" counts, so that nothing is called current that may not be.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
INSERT { GRAPH cg:established { ?buyer cg:currentlyContractsWith ?supplier } }
WHERE {
  GRAPH cg:established {
    cg:established cg:asOf ?asOf .
    ?contract a cg:Contract ; cg:buyer ?buyer ; cg:supplier ?supplier ;
      cg:start|cg:startLatest ?start ; cg:end|cg:endEarliest ?end .
    FILTER (DATATYPE(?start) = xsd:date && ?start <= ?asOf && DATATYPE(?end) = xsd:date && ?end >= ?asOf)
    FILTER NOT EXISTS { ?contract cg:start|cg:startLatest ?later FILTER (DATATYPE(?later) = xsd:date && ?later > ?asOf) }
    FILTER NOT EXISTS { ?contract cg:end|cg:endEarliest ?sooner FILTER (DATATYPE(?sooner) = xsd:date && ?sooner < ?asOf) }
    # Ended by the as-of date, or on a day of which nothing says that it is later.
    FILTER NOT EXISTS {
      ?contract cg:ended|cg:terminated ?stop .
      OPTIONAL { ?contract cg:endedEarliest|cg:terminatedEarliest ?bound }
      FILTER (COALESCE(?bound, ?stop) <= ?asOf || DATATYPE(COALESCE(?bound, ?stop)) != xsd:date)
    }
  }
}
