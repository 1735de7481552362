-- Payments as rows of the edge table, in the order of the file; see `civicgraph.graph.records.rows`.
SELECT 'spend' AS kind, s.record, s.buyer AS buyers, nullif(s.supplier, '') AS suppliers, first, last, value, s.currency,
    p.guard, nullif(s.services, '') AS services, NULL::VARCHAR AS label, file_row, payer.name AS payer,
    CASE WHEN nameless THEN NULL ELSE nullif(payee.name, '') END AS payee,
    nullif(purpose.department, '') AS department, nullif(purpose.what, '') AS category, $reported_by AS reported_by,
    NULL::DATE AS published, NULL::DATE AS latest, nullif(purpose.refs, '') AS refs, s.typed,
    nullif(s.sector, '') AS sector, nullif(s.size, '') AS size, nullif(s.lot, '') AS lot, nullif($vat, '') AS vat
FROM payment p JOIN (SELECT record, unnest(file_rows) AS file_row FROM spend) USING (file_row)
JOIN spend s USING (record) JOIN purchase USING (purchase)
ORDER BY file_row
