"""Claims files: what a person wrote of a document, with the place of every word it rests on."""
