# Into cg:claims. Two accepted claims of one modality whose values for a property that can have only one cannot both hold.
# What narrows most comes first: the engine takes patterns in their order, and by their views all claims meet all others.
# Dates contradict where no day fits both. Sums of money are compared where all that is claimed of the thing is in one currency.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
INSERT { GRAPH cg:claims {
  ?one cg:contradicts ?other . ?other cg:contradicts ?one .
  ?found a cg:Contradiction ; cg:between ?one, ?other ; cg:foundBy "two values" .
} }
WHERE {
  {
    GRAPH <https://w3id.org/civicgraph/ontology> { ?p cg:singleValued true FILTER NOT EXISTS { ?p cg:lowerBound ?bound } }
    GRAPH cg:claims {
      ?one rdf:predicate ?p ; rdf:subject ?s ; rdf:object ?a ; cg:view ?view ; cg:modality ?modality .
      ?other rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?b ; cg:view ?view ; cg:modality ?modality .
      FILTER (STR(?one) < STR(?other) && ?a != ?b)
      FILTER NOT EXISTS {
        FILTER (?p IN (cg:amount, cg:awardedValue, cg:annualValue))
        ?first rdf:subject ?s ; rdf:predicate cg:currency ; rdf:object ?currency .
        ?second rdf:subject ?s ; rdf:predicate cg:currency ; rdf:object ?another .
        FILTER (?currency != ?another)
      }
    }
  } UNION {
    GRAPH <https://w3id.org/civicgraph/ontology> { ?p cg:singleValued true ; cg:lowerBound ?lower ; cg:upperBound ?upper }
    GRAPH cg:claims {
      ?one rdf:predicate ?p ; rdf:subject ?s ; rdf:object ?a ; cg:view ?view ; cg:modality ?modality .
      ?other rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?b ; cg:view ?view ; cg:modality ?modality .
    }
    # Each of the two is once the earlier one: a claim that says the last day meets one that says a later first.
    OPTIONAL { GRAPH cg:claims { ?one ?upper ?oneLatest } }
    OPTIONAL { GRAPH cg:claims { ?other ?lower ?otherEarliest } }
    FILTER (COALESCE(?oneLatest, IF(DATATYPE(?a) = xsd:date, ?a, 1/0)) < COALESCE(?otherEarliest, IF(DATATYPE(?b) = xsd:date, ?b, 1/0)))
  }
  BIND (IF(STR(?one) < STR(?other), CONCAT(STR(?one), " ", STR(?other)), CONCAT(STR(?other), " ", STR(?one))) AS ?pair)
  BIND (IRI(CONCAT(REPLACE(STR(?one), "/[^/]*/[^/]*$", "/contradiction/"), SUBSTR(SHA256(?pair), 1, 16))) AS ?found)
}
