-- What each organisation was paid by, or paid to, each other, in ten-thousandths of a pound: the largest first.
SELECT o.iri, p.name, CAST(sum(amount_e4) FILTER (currency = 'GBP') AS BIGINT) AS sum_e4
FROM (
    SELECT supplier AS one, buyer AS other, amount_e4, currency FROM edge WHERE guard IS NULL
    UNION ALL SELECT buyer, supplier, amount_e4, currency FROM edge WHERE guard IS NULL
)
JOIN party o ON o.party = one JOIN party p ON p.party = other
GROUP BY ALL ORDER BY o.iri, abs(coalesce(sum_e4, 0)) DESC, p.name
