-- What each record is worth in each market.
SELECT coalesce(market, -1) AS market, sum(weight) AS total
FROM marketed WHERE left_out IS NULL GROUP BY market, entry ORDER BY ALL;
