# In cg:established. A contract or process that several sources have keeps of each property the value of the first of its records that has one.
# Currency and value-added tax go with the value that counts; a guard, and so whether the contract counts at all, with the first record.
# Parties, classifications and service types are all that any source names.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
DELETE { GRAPH cg:established { ?of ?p ?other } }
WHERE {
  # Which record is the first that has the property is worked out once for each, or the engine would look for it again in every row.
  { SELECT ?of ?by (MIN(?n) AS ?first) WHERE {
    GRAPH cg:records { ?any cg:recordOf ?of ; cg:precedence ?n ; ?by ?has }
    FILTER (?by IN (cg:awardedValue, cg:annualValue, cg:awardDate, cg:publicationDate, cg:start, cg:end, cg:latestEnd, cg:ended, cg:reviewDate,
      cg:noticePeriod, cg:hasOptions, cg:hasRenewal, cg:spendTo, cg:estimatedValue, cg:stage, cg:isFramework, cg:isDynamicMarket, cg:recordOf, rdfs:label))
  } GROUP BY ?of ?by }
  VALUES (?p ?by) {
    (cg:awardedValue cg:awardedValue) (cg:currency cg:awardedValue) (cg:vatBasis cg:awardedValue) (cg:grossValue cg:awardedValue) (cg:annualValue cg:annualValue)
    (cg:awardDate cg:awardDate) (cg:publicationDate cg:publicationDate) (cg:start cg:start) (cg:end cg:end) (cg:latestEnd cg:latestEnd)
    (cg:ended cg:ended) (cg:endReason cg:ended) (cg:reviewDate cg:reviewDate) (cg:noticePeriod cg:noticePeriod)
    (cg:hasOptions cg:hasOptions) (cg:hasRenewal cg:hasRenewal) (cg:spendTo cg:spendTo)
    (cg:estimatedValue cg:estimatedValue) (cg:currency cg:estimatedValue) (cg:grossValue cg:estimatedValue) (cg:stage cg:stage) (cg:reason cg:ended)
    (cg:isFramework cg:isFramework) (cg:isDynamicMarket cg:isDynamicMarket) (cg:guard cg:recordOf) (rdfs:label rdfs:label)
  }
  GRAPH cg:records { ?record cg:recordOf ?of ; ?p ?other . ?chosen cg:recordOf ?of ; cg:precedence ?first }
  FILTER NOT EXISTS { GRAPH cg:records { ?chosen ?p ?other } }
}
