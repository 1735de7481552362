-- The rows of a scope, as `cells.sql` selects them, with what each weighs.
CREATE OR REPLACE TEMP TABLE scoped AS
WITH part_of AS (
    SELECT * EXCLUDE (position) FROM cells_in_scope
), counted AS (
    SELECT *,
        CASE WHEN left_out IS NOT NULL THEN NULL
            WHEN $money THEN CAST(amount_e4 AS DOUBLE)
            WHEN $basis = 'customers'
                THEN part / sum(CASE WHEN left_out IS NULL THEN part END) OVER (PARTITION BY buyer, supplier)
            ELSE part END AS weight
    FROM part_of
)
SELECT * FROM counted
WHERE $minimum_e4 IS NULL
    OR (SELECT true FROM (
        SELECT buyer AS b, supplier AS s, kind AS k FROM part_of WHERE left_out IS NULL AND currency = $currency
        GROUP BY ALL HAVING sum(amount_e4) >= $minimum_e4
    ) WHERE b = buyer AND s = supplier AND k = kind);
