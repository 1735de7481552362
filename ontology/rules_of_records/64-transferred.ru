# In cg:established. A contract that ran when its buyer was abolished passed to the body that took over, where there is one alone; from then on that body is in contract.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
DELETE { GRAPH cg:established { ?before cg:currentlyContractsWith ?supplier } }
INSERT { GRAPH cg:established {
  ?contract cg:transferredTo ?after .
  ?after cg:contractsWith ?supplier ; cg:servedBy ?supplier ; cg:currentlyContractsWith ?runs .
} }
WHERE {
  GRAPH cg:established {
    cg:established cg:asOf ?asOf .
    ?before cg:successor ?after ; cg:end ?lastDay .
    FILTER (DATATYPE(?lastDay) = xsd:date && ?lastDay < ?asOf)
    FILTER NOT EXISTS { ?before cg:successor ?other FILTER (?other != ?after) }
    ?contract a cg:Contract ; cg:buyer ?before ; cg:supplier ?supplier ; cg:end ?end .
    FILTER (DATATYPE(?end) = xsd:date && ?end > ?lastDay)
    FILTER NOT EXISTS { ?contract cg:guard ?reason }
    FILTER NOT EXISTS { ?contract cg:ended|cg:terminated ?over FILTER (DATATYPE(?over) = xsd:date && ?over <= ?lastDay) }
    OPTIONAL { ?before cg:currentlyContractsWith ?supplier BIND (?supplier AS ?runs) }
  }
}
