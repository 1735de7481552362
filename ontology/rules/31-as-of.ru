# Into cg:established. The date at which "current" is asked: the latest day in the data, of publication, award or payment. Never today's.
# The latest day of the records stands there already.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
DELETE { GRAPH cg:established { cg:established cg:asOf ?before } }
INSERT { GRAPH cg:established { cg:established cg:asOf ?asOf } }
WHERE {
  {
    SELECT (MAX(?day) AS ?asOf)
    WHERE {
      { GRAPH cg:claims { ?document cg:issuedLatest ?day } }
      UNION
      { GRAPH cg:established { cg:established cg:asOf ?day } }
    }
  }
  FILTER (BOUND(?asOf))
  OPTIONAL { GRAPH cg:established { cg:established cg:asOf ?before } }
}
