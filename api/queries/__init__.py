"""Stored queries: SPARQL files that are endpoints, and the parameters they take."""
