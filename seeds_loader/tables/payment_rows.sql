-- Payments as rows of the edge table, in its order; see `civicgraph.graph.records.rows`.
SELECT 'spend' AS kind, record, buyer AS buyers, nullif(supplier, '') AS suppliers, first, last, value, currency, guard,
    nullif(p.services, '') AS services, NULL::VARCHAR AS label, file_row, payer.name AS payer,
    CASE WHEN nameless THEN NULL ELSE nullif(payee.name, '') END AS payee,
    nullif(purpose.department, '') AS department, nullif(purpose.what, '') AS category, $reported_by AS reported_by,
    NULL::DATE AS published, NULL::DATE AS latest, nullif(purpose.refs, '') AS refs, typed,
    nullif(sector, '') AS sector, nullif(size, '') AS size, nullif(lot, '') AS lot, nullif($vat, '') AS vat
FROM (
    SELECT record, row_number() OVER (ORDER BY record) AS nth, unnest(file_rows) AS file_row FROM spend
) JOIN payment p USING (file_row) JOIN purchase USING (purchase)
ORDER BY nth, file_row
