-- What was paid between two in a month, in an order of its own; see `civicgraph.graph.records.types.Spend`.
SELECT record, buyer, supplier, month, services, guard, amount, len(file_rows), file_rows, typed, size, $vat, currency, sector, lot
FROM spend
ORDER BY buyer, supplier, month, services, guard NULLS FIRST, typed, size, currency, sector, lot
