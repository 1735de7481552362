"""Guards: why a record counts in no share."""
