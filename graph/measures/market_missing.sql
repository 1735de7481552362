-- The most that each supplier may have in each market beyond what is known: what has no value, no date or no currency, a
-- value that is not known taken for the largest that is, or for a given cap.
WITH unsure AS (
    SELECT * FROM marketed
    WHERE left_out IN ('no date known', 'no value known', 'no currency stated')
        -- What is known to be in another currency is in another market, whatever its dates.
        AND (NOT $money OR currency IS NULL OR currency = $currency)
), pair AS (
    SELECT u.market, buyer, supplier,
        CASE WHEN $customers THEN 1.0
            WHEN NOT $money THEN sum(part)
            -- Where no value at all is known the index does not depend on the scale.
            ELSE sum(coalesce(whole_e4, part * of_days * coalesce($cap_e4, nullif(largest_e4, 0), 1))) END AS most
    FROM unsure u LEFT JOIN largest l ON l.market = coalesce(u.market, -1)
    GROUP BY u.market, buyer, supplier
)
SELECT coalesce(market, -1) AS market, supplier, sum(greatest(most, 0)) AS total
FROM pair p
WHERE NOT $customers OR NOT EXISTS (
    SELECT 1 FROM marketed c
    WHERE c.left_out IS NULL AND c.market IS NOT DISTINCT FROM p.market AND c.buyer = p.buyer AND c.supplier = p.supplier
)
GROUP BY ALL ORDER BY ALL;
