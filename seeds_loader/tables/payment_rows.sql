-- Payments as rows of the edge table, in its order; see `civicgraph.graph.records.rows`.
SELECT 'spend' AS kind, record, p.buyer AS buyers, nullif(p.supplier, '') AS suppliers, first, last, value, p.currency, guard,
    nullif(p.services, '') AS services, NULL::VARCHAR AS label, file_row, payer, CASE WHEN nameless THEN NULL ELSE nullif(payee, '') END AS payee,
    nullif(department, '') AS department, nullif(category, '') AS category, $reported_by AS reported_by,
    NULL::DATE AS published, NULL::DATE AS latest, nullif(refs, '') AS refs, p.typed,
    nullif(p.sector, '') AS sector, nullif(p.size, '') AS size, nullif(p.lot, '') AS lot, nullif(p.vat, '') AS vat
FROM (
    SELECT record, row_number() OVER (ORDER BY record) AS nth, unnest(file_rows) AS file_row FROM spend
) JOIN payment p USING (file_row) JOIN purchase USING (purchase)
ORDER BY nth, file_row
