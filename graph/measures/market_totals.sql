-- What each supplier has in each market, as parties were decided, or otherwise: `written` as records and files name them,
-- `refused` and `taken` as they would be if doubtful merges of names were refused, or taken.
WITH named AS (
    SELECT market, weight,
        CASE $identity WHEN 'decided' THEN m.buyer WHEN 'written' THEN m.stated_buyer
            WHEN 'refused' THEN b.if_refused ELSE b.if_taken END AS buyer,
        CASE $identity WHEN 'decided' THEN m.supplier WHEN 'refused' THEN s.if_refused WHEN 'taken' THEN s.if_taken
            ELSE m.stated_supplier END AS supplier
    FROM marketed m
    LEFT JOIN party b ON b.party = m.stated_buyer
    LEFT JOIN party s ON s.party = m.stated_supplier
    WHERE m.left_out IS NULL
), pair AS (
    SELECT market, buyer, supplier, CASE WHEN $basis = 'customers' THEN 1.0 ELSE sum(weight) END AS weight
    FROM named GROUP BY ALL
)
SELECT coalesce(market, -1) AS market, supplier, sum(weight) AS total FROM pair GROUP BY ALL ORDER BY ALL;
