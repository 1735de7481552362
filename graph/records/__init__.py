"""Records of sources, and how they look as RDF."""
