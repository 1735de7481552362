"""Where the graph is kept and asked: engines, snapshots, derivation."""
