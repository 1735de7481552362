-- What counts of each kind: how many records, and for how many pounds.
SELECT kind::VARCHAR, count(DISTINCT entry), coalesce(sum(amount_e4) FILTER (kind <> 'service'), 0) / 10000
FROM cells_in_scope WHERE left_out IS NULL GROUP BY kind ORDER BY kind DESC;
