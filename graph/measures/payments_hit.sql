-- Payments of a scope that go on on a day: a row for each pair, service type and currency, with the evidence of the last.
--
-- They go on while they recur: since the last of them no more days have passed than the longest pause between two of them in
-- the scope, and a month at least.
WITH paid AS (
    SELECT scoped.*, coalesce(last, first) AS until,
        coalesce(last, first) - lag(coalesce(last, first)) OVER (
            PARTITION BY buyer, supplier, service, currency ORDER BY coalesce(last, first)
        ) AS pause
    FROM scoped
    WHERE guard IS NULL AND kind = 'spend' AND supplier IS NOT NULL
)
SELECT b.iri AS buyer, s.iri AS supplier, 'spend' AS kind, max_by(e.record, (until, e.entry)) AS record, service,
    min(paid.first) AS first, max(until) AS last,
    CAST(sum(amount_e4) AS BIGINT) AS amount_e4, paid.currency,
    bool_and(left_out IS NULL AND NOT with_tax) AS counts, true AS is_known,
    list(DISTINCT place) AS places, count(DISTINCT paid.entry) AS payments
FROM paid
JOIN entry e USING (entry)
JOIN party b ON b.party = buyer
JOIN party s ON s.party = supplier
GROUP BY b.iri, s.iri, service, paid.currency
HAVING CAST($day AS DATE) IS NULL OR CAST($day AS DATE) - max(until) <= greatest(coalesce(max(pause), 0), $month)
ORDER BY ALL;
