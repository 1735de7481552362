# In cg:established. An organisation is the subsidiary of the owner that decides alone at the as-of date; of several, of the one whose ownership began last.
# A text that told of an ownership years ago says nothing of the as-of date: what follows from an event or a claim counts only with a known end.
# Where a date is inexact, the day most against "at the as-of date" counts. Two that began on one day cannot both be right: neither counts.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
INSERT { GRAPH cg:established { ?owned cg:subsidiaryOf ?owner } }
WHERE {
  GRAPH cg:established {
    cg:established cg:asOf ?asOf .
    ?ownership a cg:Ownership ; cg:owned ?owned ; cg:owner ?owner ; cg:controls true .
    OPTIONAL { ?ownership cg:start ?startDay FILTER (DATATYPE(?startDay) = xsd:date) }
    OPTIONAL { ?ownership cg:startLatest ?startLatest }
    OPTIONAL { ?ownership cg:end ?endDay FILTER (DATATYPE(?endDay) = xsd:date) }
    OPTIONAL { ?ownership cg:endEarliest ?endEarliest }
    BIND (COALESCE(?startLatest, ?startDay, "0001-01-01"^^xsd:date) AS ?begins)
    BIND (COALESCE(?endEarliest, ?endDay, "9999-12-31"^^xsd:date) AS ?ends)
    FILTER (?begins <= ?asOf && ?ends >= ?asOf)
    FILTER (BOUND(?endDay) || BOUND(?endEarliest) || (
      NOT EXISTS { ?ownership prov:wasGeneratedBy ?event } && NOT EXISTS { GRAPH cg:claims { ?claim rdf:subject ?ownership } }
    ))
    FILTER NOT EXISTS {
      ?later a cg:Ownership ; cg:owned ?owned ; cg:owner ?other ; cg:controls true .
      FILTER (?other != ?owner)
      OPTIONAL { ?later cg:start ?laterDay FILTER (DATATYPE(?laterDay) = xsd:date) }
      OPTIONAL { ?later cg:startLatest ?laterLatest }
      OPTIONAL { ?later cg:end ?laterEndDay FILTER (DATATYPE(?laterEndDay) = xsd:date) }
      OPTIONAL { ?later cg:endEarliest ?laterEndEarliest }
      BIND (COALESCE(?laterLatest, ?laterDay, "0001-01-01"^^xsd:date) AS ?laterBegins)
      BIND (COALESCE(?laterEndEarliest, ?laterEndDay, "9999-12-31"^^xsd:date) AS ?laterEnds)
      FILTER (?laterBegins <= ?asOf && ?laterEnds >= ?asOf && ?laterBegins >= ?begins)
    }
  }
}
