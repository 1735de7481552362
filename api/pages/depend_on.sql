-- How many buyers have half or more of what they have in a market with each supplier, of those of whom enough is known to say
-- so: not fewer than `$records` records, or of payments `$payments` on days that lie `$days` apart, and most of them known.
WITH bought AS (
    SELECT buyer, bool_or(kind = 'spend') AS is_paid,
        round(sum(CASE WHEN kind = 'spend' THEN payments * part ELSE part END) FILTER (left_out IS NULL)) AS records,
        max(last) FILTER (left_out IS NULL) - min(first) FILTER (left_out IS NULL) + 1 AS days,
        sum(part) FILTER (left_out IS NULL) / sum(part) AS coverage
    FROM scoped
    WHERE left_out IS NULL OR list_contains($hidden, left_out)
    GROUP BY buyer
), known AS (
    SELECT buyer FROM bought
    WHERE coverage >= $coverage
        AND CASE WHEN is_paid THEN records >= $payments AND days >= $days ELSE records >= $records END
), pair AS (
    SELECT buyer, supplier, sum(weight) AS weight FROM scoped SEMI JOIN known USING (buyer)
    WHERE left_out IS NULL GROUP BY buyer, supplier HAVING sum(weight) > 0
), part AS (
    SELECT supplier, weight / sum(weight) OVER (PARTITION BY buyer) AS of_buyer FROM pair
)
SELECT iri, count(*) FILTER (of_buyer >= $half) FROM part JOIN party ON party = supplier GROUP BY iri;
