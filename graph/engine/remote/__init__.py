"""The store as a SPARQL server somewhere else: asked over the SPARQL 1.1 Protocol, loaded in versions by graph."""
