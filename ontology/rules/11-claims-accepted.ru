# Into cg:claims. An accepted claim, one in headline or body that the curator has not rejected, belongs to the view that its three marks name.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH cg:claims { ?claim cg:view ?view } }
WHERE {
  GRAPH <https://w3id.org/civicgraph/ontology> {
    ?rule a cg:ViewRule ; cg:polarity ?polarity ; cg:certainty ?certainty ; cg:modality ?modality ; cg:view ?view .
    FILTER (?view != cg:noView)
  }
  GRAPH cg:claims {
    ?claim cg:modality ?modality ; cg:polarity ?polarity ; cg:certainty ?certainty ; cg:section ?section ; a cg:Claim .
    FILTER (?section IN (cg:headline, cg:body))
    FILTER NOT EXISTS { ?claim cg:rejected ?reason }
  }
}
