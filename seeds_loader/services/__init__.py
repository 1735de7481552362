"""Service types of records, by rules that are data."""
