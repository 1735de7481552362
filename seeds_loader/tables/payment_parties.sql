-- Whom payments name, in the order in which they are met, and how often: who pays, and who is paid where a row may name them.
WITH met AS (
    SELECT purchase, count(*) AS times, count(*) FILTER (NOT nameless) AS named, min(file_row) AS row FROM payment GROUP BY purchase
)
SELECT name, identifiers, cls, is_payer, sum(times)
FROM (
    SELECT payee.name AS name, payee.identifiers AS identifiers, 'Organisation' AS cls, false AS is_payer, named AS times, row
    FROM met JOIN purchase USING (purchase) WHERE named > 0 AND payee.key <> ''
    UNION ALL
    SELECT payer.name, [], payer.cls, true, times, row FROM met JOIN purchase USING (purchase)
)
GROUP BY name, identifiers, cls, is_payer ORDER BY min(row), is_payer
