-- The parties with the most that counts in a scope, as buyers or as suppliers: pounds of payments and contracts, else how
-- many records.
WITH cell AS (
    SELECT buyer, supplier, kind, amount_e4, entry FROM cells_in_scope
    WHERE left_out IS NULL AND supplier IS NOT NULL
)
SELECT p.iri, p.name, coalesce(sum(amount_e4) FILTER (kind <> 'service'), 0) / 10000 AS pounds, count(DISTINCT entry) AS records
FROM (SELECT CASE WHEN $buys THEN buyer ELSE supplier END AS party, * FROM cell) JOIN party p USING (party)
GROUP BY p.iri, p.name
ORDER BY pounds DESC, records DESC, p.iri
LIMIT $most;
