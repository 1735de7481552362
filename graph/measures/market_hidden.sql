-- What somebody has in each market and nobody knows who: redacted payments, and rows that name no supplier.
SELECT coalesce(market, -1) AS market,
    greatest(sum(CASE WHEN $money THEN CAST(amount_e4 AS DOUBLE) ELSE part END), 0) AS total
FROM marketed
WHERE left_out IN ('guarded as redacted', 'guarded as blank', 'no supplier named')
    AND (NOT $money OR (currency = $currency AND amount_e4 IS NOT NULL))
GROUP BY ALL ORDER BY ALL;
