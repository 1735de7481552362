-- The rows of a scope by market: under NULL all of them, and if wanted under each narrower service type those of it and of
-- what lies under it. On the basis of customers each buyer of a supplier weighs 1 in each market.
CREATE OR REPLACE TEMP TABLE marketed AS
WITH market AS (
    SELECT u.thing, u.broader AS market
    FROM under u JOIN thing t ON t.thing = u.broader
    WHERE $narrower AND NOT t.is_place AND NOT list_contains($services, t.iri)
        AND (len($services) = 0 OR u.broader IN (
            SELECT n.thing FROM under n JOIN thing w ON w.thing = n.broader WHERE list_contains($services, w.iri)
        ))
), by_market AS (
    SELECT NULL::INTEGER AS market, * FROM scoped
    UNION ALL
    SELECT market, s.* FROM scoped s JOIN market m ON m.thing = s.service
)
SELECT * REPLACE (
    CASE WHEN $basis = 'customers' AND left_out IS NULL
        THEN part / sum(CASE WHEN left_out IS NULL THEN part END) OVER (PARTITION BY market, buyer, supplier)
        ELSE weight END AS weight)
FROM by_market;
