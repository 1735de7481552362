-- Payments as rows of the edge table, in its order; see `civicgraph.graph.records.rows`. To sort wide rows takes several times as
-- long as to sort numbers.
SELECT 'spend' AS kind, s.record, s.buyer AS buyers, nullif(s.supplier, '') AS suppliers, first, last, value, s.currency,
    row.guard, nullif(s.services, '') AS services, NULL::VARCHAR AS label, file_row, payer.name AS payer,
    CASE WHEN nameless THEN NULL ELSE nullif(payee.name, '') END AS payee,
    nullif(purpose.department, '') AS department, nullif(purpose.what, '') AS category, $reported_by AS reported_by,
    NULL::DATE AS published, NULL::DATE AS latest, nullif(purpose.refs, '') AS refs, s.typed,
    nullif(s.sector, '') AS sector, nullif(s.size, '') AS size, nullif(s.lot, '') AS lot, nullif($vat, '') AS vat
FROM (
    SELECT * FROM (SELECT record, row_number() OVER (ORDER BY record) AS nth, unnest(file_rows) AS file_row FROM spend)
    JOIN payment USING (file_row) ORDER BY nth, file_row
) row JOIN spend s USING (record) JOIN purchase USING (purchase)
