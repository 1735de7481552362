"""The front door: the HTTP application and the `civicgraph` command line."""
