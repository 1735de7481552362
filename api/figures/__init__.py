"""Concentration and exports over HTTP, and the words that people ask for them in."""
