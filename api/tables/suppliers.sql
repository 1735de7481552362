-- Suppliers: who provides services, holds contracts or was paid, and how many it has as customers.
-- @basis customers
-- @column supplier text Its name
-- @column customers integer How many bodies it has as customers by services, contracts, or payments that nothing guards
-- @column iri iri Its IRI
-- @column awarded number Pounds of contracts that count in figures
-- @column received number Pounds of payments that count in figures
-- @filter supplier supplier iri
-- @order supplier iri
-- @sum awarded received
SELECT name AS supplier, customers, iri, contracts_e4 / 10000 AS awarded, payments_e4 / 10000 AS received
FROM (
    SELECT supplier, count(DISTINCT buyer) FILTER (kind <> 'spend' OR guard IS NULL) AS customers,
        coalesce(sum(amount_e4) FILTER (kind = 'contract' AND left_out IS NULL), 0) AS contracts_e4,
        coalesce(sum(amount_e4) FILTER (kind = 'spend' AND left_out IS NULL), 0) AS payments_e4
    FROM cells_in_scope
    WHERE supplier IS NOT NULL
    GROUP BY supplier
) JOIN party ON party = supplier;
