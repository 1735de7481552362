-- How many pairs of suppliers have a buyer in common, counted once for each such buyer.
SELECT coalesce(sum(n * (n - 1) / 2), 0)
FROM (SELECT count(*) AS n FROM sold_to WHERE buyers >= $shared GROUP BY buyer);
