-- What rows of a scope tie customers to suppliers by, but for payments: a row for each record, pair and service type.
-- `is_known` says whether the amount is that of the scope's days. What counts in no figure because it has no date, or is of
-- several bodies, is hit all the same.
SELECT b.iri AS buyer, s.iri AS supplier, CAST(kind AS VARCHAR) AS kind, record, service,
    min(scoped.first) AS first, max(scoped.last) AS last,
    CAST(sum(amount_e4) AS BIGINT) AS amount_e4, min(scoped.currency) AS currency,
    bool_and(left_out IS NULL AND NOT with_tax) AS counts,
    bool_and(CAST($day AS DATE) IS NULL OR (
        coalesce(left_out, '') <> 'no date known' AND NOT (scoped.last IS NULL AND scoped.first < CAST($day AS DATE))))
        AS is_known,
    list(DISTINCT place) AS places, NULL AS payments
FROM scoped
JOIN (SELECT entry, record FROM entry) USING (entry)
JOIN party b ON b.party = buyer
JOIN party s ON s.party = supplier
WHERE guard IS NULL AND kind <> 'spend'
GROUP BY ALL
ORDER BY ALL;
