-- The parties with the most that counts in a scope, as buyers or as suppliers: pounds of payments, pounds of contracts, and how
-- many records. The two are never added up.
WITH cell AS (
    SELECT CASE WHEN $buys THEN buyer ELSE supplier END AS party, kind, amount_e4, entry FROM cells_in_scope
    WHERE left_out IS NULL AND supplier IS NOT NULL
)
SELECT p.iri, p.name, coalesce(sum(amount_e4) FILTER (kind = 'spend'), 0) / 10000 AS paid,
    coalesce(sum(amount_e4) FILTER (kind = 'contract'), 0) / 10000 AS awarded, count(DISTINCT entry) AS records
FROM cell JOIN party p USING (party)
GROUP BY p.iri, p.name
ORDER BY greatest(paid, awarded) DESC, records DESC, p.iri
LIMIT $most;
