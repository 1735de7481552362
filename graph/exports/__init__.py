"""Files for Gephi and other tools."""
