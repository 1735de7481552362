-- What ties customers to suppliers by the rows of a scope: a row for each record, pair and service type, and one for all the
-- payments of a pair, service type and currency, with the evidence of the last.
--
-- `is_known` says whether the amount is that of the scope's days. What counts in no figure because it has no date, or is of
-- several bodies, is hit all the same. Payments go on while they recur: since the last of them no more days have passed than the
-- longest pause between two of them in the scope, and a month at least.
CREATE OR REPLACE TEMP TABLE hit AS
WITH tied AS (
    SELECT scoped.*, record, coalesce(last, first) AS until FROM scoped JOIN (SELECT entry, record FROM entry) USING (entry)
    WHERE guard IS NULL AND supplier IS NOT NULL
), agreed AS (
    SELECT buyer, supplier, kind, record, service, min(first) AS first, max(last) AS last, sum(amount_e4) AS amount_e4,
        min(currency) AS currency, bool_and(left_out IS NULL AND NOT with_tax) AS counts,
        bool_and(CAST($day AS DATE) IS NULL OR (
            coalesce(left_out, '') <> 'no date known' AND NOT (last IS NULL AND first < CAST($day AS DATE)))) AS is_known,
        list(DISTINCT place) AS places, NULL AS payments
    FROM tied WHERE kind <> 'spend' GROUP BY buyer, supplier, kind, record, service
), pauses AS (
    SELECT *, until - lag(until) OVER (PARTITION BY buyer, supplier, service, currency ORDER BY until) AS pause
    FROM tied WHERE kind = 'spend'
), paid AS (
    SELECT buyer, supplier, kind, max_by(record, (until, entry)) AS record, service, min(first) AS first, max(until) AS last,
        sum(amount_e4) AS amount_e4, currency, bool_and(left_out IS NULL AND NOT with_tax) AS counts, true AS is_known,
        list(DISTINCT place) AS places, count(DISTINCT entry) AS payments
    FROM pauses GROUP BY buyer, supplier, kind, service, currency
    HAVING CAST($day AS DATE) IS NULL OR CAST($day AS DATE) - max(until) <= greatest(coalesce(max(pause), 0), $month)
), hits AS (
    FROM agreed UNION ALL FROM paid
)
FROM hits
-- A service is the same supply as the contract or the payments for it, said once more.
WHERE kind <> 'service' OR NOT EXISTS (
    FROM hits o
    WHERE o.kind <> 'service' AND o.buyer = hits.buyer AND o.supplier = hits.supplier
        AND o.service IS NOT DISTINCT FROM hits.service
);
