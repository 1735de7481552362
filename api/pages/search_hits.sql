-- What kind of party each of some organisations is, and what it paid and was paid in pounds that count, and by how many.
WITH wanted AS (SELECT party, iri, class FROM party WHERE list_contains($iris, iri)),
counted AS (
    SELECT buyer, supplier, amount_e4 FROM edge
    WHERE guard IS NULL AND NOT planned AND NOT collective AND supplier IS NOT NULL
        AND (buyer IN (SELECT party FROM wanted) OR supplier IN (SELECT party FROM wanted))
        AND kind = 'spend' AND currency = 'GBP'
),
bought AS (SELECT buyer AS party, sum(amount_e4) / 10000 AS paid, count(DISTINCT supplier) AS suppliers FROM counted GROUP BY buyer),
sold AS (SELECT supplier AS party, sum(amount_e4) / 10000 AS received, count(DISTINCT buyer) AS customers FROM counted GROUP BY supplier)
SELECT iri, class, paid, suppliers, received, customers
FROM wanted LEFT JOIN bought USING (party) LEFT JOIN sold USING (party);
