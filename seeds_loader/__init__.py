"""Loading: readers of sources, the checks at the door, and the report of what became of each record."""
