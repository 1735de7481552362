"""The graph: records as RDF, the snapshot store, the network, its measures and its exports."""
