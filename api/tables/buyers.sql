-- Buyers: who is served, contracts or pays, and how many suppliers it has.
-- @basis customers
-- @column buyer text Its name
-- @column suppliers integer How many suppliers it has by services, contracts, or payments that nothing guards
-- @column iri iri Its IRI
-- @column contracted number Pounds of contracts that count in figures
-- @column paid number Pounds of payments that count in figures
-- @filter buyer buyer iri
-- @filter council buyer iri
-- @order buyer iri
-- @sum contracted paid
SELECT name AS buyer, suppliers, iri, contracts_e4 / 10000 AS contracted, payments_e4 / 10000 AS paid
FROM (
    SELECT buyer, count(DISTINCT supplier) FILTER (kind <> 'spend' OR guard IS NULL) AS suppliers,
        coalesce(sum(amount_e4) FILTER (kind = 'contract' AND left_out IS NULL), 0) AS contracts_e4,
        coalesce(sum(amount_e4) FILTER (kind = 'spend' AND left_out IS NULL), 0) AS payments_e4
    FROM cells_in_scope
    WHERE buyer IS NOT NULL
    GROUP BY buyer
) JOIN party ON party = buyer;
