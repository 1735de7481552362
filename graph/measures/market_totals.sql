-- What each supplier has in each market, as parties were decided, or otherwise: `written` as records and files name them,
-- `refused` and `taken` as they would be if doubtful merges of names were refused, or taken.
WITH named AS (
    SELECT market, weight,
        buyer, supplier -- if $decided
        m.stated_buyer AS buyer, m.stated_supplier AS supplier -- if $written
        b.if_refused AS buyer, s.if_refused AS supplier -- if $refused
        b.if_taken AS buyer, s.if_taken AS supplier -- if $taken
    FROM marketed m
    JOIN party b ON b.party = m.stated_buyer -- unless $decided
    JOIN party s ON s.party = m.stated_supplier -- unless $decided
    WHERE m.left_out IS NULL
)
SELECT coalesce(market, -1) AS market, supplier,
    sum(weight) AS total -- unless $customers
    CAST(count(*) AS DOUBLE) AS total -- if $customers
FROM named -- unless $customers
FROM customers -- if $pairs
FROM (SELECT DISTINCT market, buyer, supplier FROM named) -- if $other_pairs
GROUP BY market, supplier ORDER BY ALL;
