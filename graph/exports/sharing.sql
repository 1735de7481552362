-- Suppliers of a scope that share buyers, the lesser number first: how many they share, and how many each has.
CREATE OR REPLACE TEMP TABLE sharing AS
WITH pair AS (
    -- Who has fewer buyers shares no more.
    SELECT buyer, supplier, buyers FROM sold_to WHERE buyers >= $shared
)
SELECT a.supplier AS one, b.supplier AS other, count(*) AS shared, a.buyers AS of_one, b.buyers AS of_other
FROM pair a JOIN pair b ON a.buyer = b.buyer AND a.supplier < b.supplier
GROUP BY ALL HAVING count(*) >= $shared;
