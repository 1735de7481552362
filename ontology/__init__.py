"""The vocabulary as data, and the thin Python that reads it."""
