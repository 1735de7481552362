# Into cg:claims. A contradiction that one claim states holds for the other too.
PREFIX cg: <https://w3id.org/civicgraph/ontology#>
INSERT { GRAPH cg:claims { ?other cg:contradicts ?one } }
WHERE { GRAPH cg:claims { ?one cg:contradicts ?other } }
