-- A supplier's share of all, and of each service type that it supplies or that lies above those, with its rank.
WITH own AS (
    SELECT party FROM party WHERE iri = $party
), cell AS (
    SELECT supplier, service, CASE WHEN $money THEN CAST(amount_e4 AS DOUBLE) ELSE part END AS weight
    FROM cells_in_scope
    WHERE left_out IS NULL
), market AS (
    SELECT DISTINCT broader AS market
    FROM under JOIN cell ON service = thing
    WHERE supplier = (SELECT party FROM own)
), total AS (
    SELECT NULL AS market, supplier, sum(weight) AS total FROM cell GROUP BY supplier HAVING sum(weight) > 0
    UNION ALL
    SELECT market, supplier, sum(weight) AS total
    FROM market JOIN under ON broader = market JOIN cell ON service = thing
    GROUP BY market, supplier HAVING sum(weight) > 0
), ranked AS (
    SELECT market, supplier, total / sum(total) OVER market AS share, rank() OVER (market ORDER BY round(total, 6) DESC) AS rank,
        count(*) OVER market AS suppliers
    FROM total
    WINDOW market AS (PARTITION BY market)
)
SELECT t.iri AS service, coalesce(t.name, 'All services') AS label, share, rank, suppliers
FROM ranked LEFT JOIN thing t ON t.thing = market
WHERE supplier = (SELECT party FROM own)
ORDER BY market IS NOT NULL, share DESC, label;
