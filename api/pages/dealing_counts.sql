-- How many others there are in each view of `selected`, and what was paid, in pounds.
WITH other AS (
    SELECT other, bool_or(is_it) AS has_it, bool_or(service IS NOT NULL) AS is_known, sum(amount_e4) FILTER (kind = 'spend') / 10000 AS paid,
        sum(amount_e4) FILTER (kind = 'spend' AND is_it) / 10000 AS paid_for_it
    FROM selected GROUP BY other
)
SELECT 'it' AS view, count(*), coalesce(sum(paid_for_it), 0) FROM other WHERE has_it
UNION ALL SELECT 'other', count(*), coalesce(sum(paid), 0) FROM other WHERE is_known AND NOT has_it
UNION ALL SELECT 'unknown', count(*), coalesce(sum(paid), 0) FROM other WHERE NOT is_known
UNION ALL SELECT 'all', count(*), coalesce(sum(paid), 0) FROM other;
