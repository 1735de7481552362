"""How requests are carried: processes, the outermost door, limits, counts, caches and logs."""
