"""What speaks the SPARQL standards: queries, updates, graphs, and what the service says of itself."""
