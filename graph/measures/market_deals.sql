-- How many records of each market weigh something, what they weigh, and the sum of the squares of that.
WITH deal AS (
    SELECT market, 1 AS records, weight, weight * weight AS square FROM marketed WHERE left_out IS NULL AND part = 1 -- unless $customers
    SELECT market, alone AS records, alone / whole AS weight, alone / (whole * whole) AS square FROM customers -- if $customers
    UNION ALL
    SELECT m.market, 1, sum(m.weight), pow(sum(m.weight), 2) -- unless $customers
    SELECT m.market, 1, sum(part / whole), pow(sum(part / whole), 2) -- if $customers
    FROM marketed m
    JOIN customers c USING (buyer, supplier) -- if $customers
    WHERE left_out IS NULL AND part < 1
        AND m.market IS NOT DISTINCT FROM c.market -- if $customers
    GROUP BY m.market, entry
)
SELECT coalesce(market, -1), CAST(sum(records) AS BIGINT), sum(weight), sum(square) FROM deal WHERE weight > 0 GROUP BY market;
