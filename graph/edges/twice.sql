-- Money of a scope that would count once instead of twice if contracts that may be one were: of each such pair, both of which
-- count, the smaller amount, each contract once. How many contracts these are, and what they come to.
WITH counting AS (
    SELECT record, CAST(coalesce(sum(amount_e4), 0) AS BIGINT) AS amount_e4
    FROM scoped SEMI JOIN (
        SELECT entry, record FROM entry
        WHERE kind = 'contract' AND record IN (SELECT record FROM maybe_same UNION SELECT other FROM maybe_same)
    ) USING (entry) JOIN entry USING (entry)
    WHERE left_out IS NULL GROUP BY record
), smaller AS (
    SELECT DISTINCT CASE WHEN a.amount_e4 <= b.amount_e4 THEN a.record ELSE b.record END AS record
    FROM maybe_same m JOIN counting a ON a.record = m.record JOIN counting b ON b.record = m.other
)
SELECT count(*), CAST(coalesce(sum(amount_e4), 0) AS BIGINT) FROM smaller JOIN counting USING (record);
