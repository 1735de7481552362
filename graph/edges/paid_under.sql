-- The sums of payments that are under one contract as a whole.
SELECT record, min(contract) FROM entry WHERE kind = 'spend' AND source IS NOT NULL
GROUP BY record HAVING count(contract) = count(*) AND count(DISTINCT contract) = 1
ORDER BY ALL;
