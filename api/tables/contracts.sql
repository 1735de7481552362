-- Contracts: a row for each buyer and supplier of each.
-- @basis value
-- @column contract text Its name
-- @column buyer text Name of the buyer
-- @column supplier text Name of the supplier; empty where none is named
-- @column value number Awarded value of the whole contract, the same in each of its rows: add up `part` or `counted`; empty where none is known
-- @column currency text ISO 4217 code of the value
-- @column from date Earliest day on which it may have begun
-- @column to date Latest day on which it may have ended or is to end
-- @column guard text Why it counts in no figure; empty where nothing guards it
-- @column iri iri IRI of the contract
-- @column buyer_iri iri IRI of the buyer
-- @column supplier_iri iri IRI of the supplier
-- @column part number This row's part of the value: of the service types and places asked for, over all its days
-- @column left_out text Why the row counts in no sum of pounds: a guard, or that something is not known; empty where it counts
-- @column counted number Pounds that the row counts for in the period asked for; empty where it is left out
-- @column latest_end date Last day to which it can be extended; empty where that is not known
-- @column vat text net or gross of value-added tax; empty where the record does not say
-- @sum counted
WITH cell AS (
    SELECT * FROM cells_in_scope
    WHERE position > $after ORDER BY position LIMIT $window -- if $window
), pair AS (
    SELECT entry, buyer, supplier, max(position) AS position, any_value(currency) AS currency, any_value(first) AS first,
        any_value(last) AS last, any_value(guard) AS guard, any_value(left_out) AS left_out, sum(whole_e4) AS whole_e4,
        sum(amount_e4) AS amount_e4, count(*) AS cells
    FROM cell
    GROUP BY entry, buyer, supplier
)
SELECT label AS contract, buyer, supplier, e.value_e4 / 10000 AS "value", p.currency, p.first AS "from", p.last AS "to", p.guard,
    record AS iri, buyer AS buyer_iri, supplier AS supplier_iri, whole_e4 / 10000 AS part, left_out,
    CASE WHEN left_out IS NULL THEN amount_e4 / 10000 END AS counted, latest AS latest_end, vat, position, cells
FROM pair p JOIN entry e USING (entry) LEFT JOIN mark USING (mark)
ORDER BY position LIMIT $most -- if $window
