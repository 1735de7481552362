-- What each supplier has in each market, as parties were decided, or otherwise: `written` as records and files name them,
-- `refused` and `taken` as they would be if doubtful merges of names were refused, or taken.
WITH named AS NOT MATERIALIZED (
    SELECT m.service, weight, -- unless $customers
    SELECT market, -- if $customers
        buyer, supplier -- if $decided
        m.stated_buyer AS buyer, m.stated_supplier AS supplier -- if $written
        b.if_refused AS buyer, s.if_refused AS supplier -- if $refused
        b.if_taken AS buyer, s.if_taken AS supplier -- if $taken
    FROM scoped m -- unless $customers
    FROM marketed m -- if $customers
    JOIN party b ON b.party = m.stated_buyer -- unless $decided
    JOIN party s ON s.party = m.stated_supplier -- unless $decided
    WHERE m.left_out IS NULL
), typed AS ( -- unless $customers
    SELECT service, supplier, sum(weight) AS weight FROM named GROUP BY service, supplier -- unless $customers
) -- unless $customers
) -- if $customers
SELECT -1 AS market, supplier, sum(weight) AS total FROM typed GROUP BY supplier -- unless $customers
UNION ALL -- unless $customers
SELECT market, supplier, sum(weight) AS total FROM typed JOIN market ON thing = service GROUP BY market, supplier -- unless $customers
SELECT coalesce(market, -1) AS market, supplier, CAST(count(*) AS DOUBLE) AS total -- if $customers
FROM customers -- if $pairs
FROM (SELECT DISTINCT market, buyer, supplier FROM named) -- if $other_pairs
GROUP BY market, supplier -- if $customers
ORDER BY ALL;
