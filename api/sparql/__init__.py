"""The doors that speak the SPARQL standards: queries, updates, graphs, and what the service says of itself."""
