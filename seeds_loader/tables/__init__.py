"""Tables of payments and of declared sales: any encoding, any header, any spreadsheet."""
