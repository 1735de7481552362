"""Which names, in which records, are one organisation: normal names, decisions, doubtful pairs and judgements."""
