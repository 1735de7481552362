-- What was paid between two in a month, in an order of its own, its rows as ranges ("1-3 7"); see
-- `civicgraph.graph.records.types.Spend`.
WITH member AS (
    SELECT record, unnest(file_rows) AS file_row, generate_subscripts(file_rows, 1) AS nth FROM spend
), run AS (
    SELECT record, min(file_row) AS low, max(file_row) AS high FROM member GROUP BY record, file_row - nth
), named AS (
    SELECT record, string_agg(CASE WHEN low = high THEN low::VARCHAR ELSE low || '-' || high END, ' ' ORDER BY low) AS rows
    FROM run GROUP BY record
)
SELECT record, buyer, supplier, month, services, guard, amount, len(file_rows), rows, typed, size, $vat, currency, sector, lot
FROM spend JOIN named USING (record)
ORDER BY buyer, supplier, month, services, guard NULLS FIRST, typed, size, currency, sector, lot
