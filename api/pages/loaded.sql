-- What counts of each kind: how many records, and for how many pounds.
SELECT kind::VARCHAR AS kind, count(DISTINCT entry) AS records,
    coalesce(sum(amount_e4) FILTER (kind <> 'service'), 0) / 10000 AS pounds
FROM cells_in_scope WHERE left_out IS NULL GROUP BY ALL ORDER BY kind DESC;
