"""Files for other programs: Gephi and its like, spreadsheets, and the whole graph as RDF."""
