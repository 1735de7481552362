# In cg:established. A contract that counts in no share, by the record that counts first, leaves no short cut that nothing else supports.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
DELETE { GRAPH cg:established { ?buyer ?edge ?supplier } }
WHERE {
  VALUES ?edge { cg:contractsWith cg:servedBy cg:currentlyContractsWith }
  GRAPH cg:records { ?record cg:recordOf ?contract ; cg:precedence 1 ; cg:guard ?reason }
  GRAPH cg:established {
    ?contract cg:guard ?reason ; cg:buyer ?buyer ; cg:supplier ?supplier .
    FILTER NOT EXISTS {
      ?other a cg:Contract ; cg:buyer ?buyer ; cg:supplier ?supplier .
      FILTER NOT EXISTS { ?other cg:guard ?why }
    }
  }
  FILTER (?edge != cg:servedBy || NOT EXISTS { GRAPH cg:established { ?service cg:customer ?buyer ; cg:provider ?supplier } })
}
