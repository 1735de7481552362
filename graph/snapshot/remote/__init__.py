"""Snapshots that live on a SPARQL server."""
