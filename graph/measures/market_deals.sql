-- How many records of each market weigh something, what they weigh, and the sum of the squares of that.
WITH deal AS (
    SELECT market, weight FROM marketed WHERE left_out IS NULL AND part = 1
    UNION ALL
    SELECT market, sum(weight) FROM marketed WHERE left_out IS NULL AND part < 1 GROUP BY market, entry
)
SELECT coalesce(market, -1), count(*), sum(weight), sum(weight * weight) FROM deal WHERE weight > 0 GROUP BY market;
