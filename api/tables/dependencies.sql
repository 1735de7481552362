-- Dependencies: who depends on whom, by services, contracts and payments; a row for each buyer, supplier, service type and place of each. Amounts are split over the rows of one contract or payment, so that sums hold.
-- @basis customers
-- @column buyer text Name of the buyer or customer
-- @column supplier text Name of the supplier or provider; empty where none is named
-- @column service text Name of the service type; empty where none is stated
-- @column place text Name of the area served; empty where none is stated or derived
-- @column from date Earliest day on which it may have begun; empty where unknown
-- @column to date Latest day on which it may have ended or is to end; empty where unknown
-- @column value number This row's part of the awarded value or of the payment; empty where none is known
-- @column currency text ISO 4217 code of the value
-- @column certainty text asserted, reported or speculative: of the least certain claim behind it
-- @column evidence text IRIs of the claims that it rests on, set off by spaces
-- @column kind text service, contract or spend
-- @column tie iri IRI of the service, the contract or the month's sum
-- @column buyer_iri iri IRI of the buyer
-- @column supplier_iri iri IRI of the supplier
-- @column service_iri iri IRI of the service type
-- @column place_iri iri IRI of the place
-- @column guard text Why it counts in no figure; empty where nothing guards it
-- @column left_out text Why the row counts in no sum of pounds: a guard, or that something is not known; empty where it counts
-- @column counted number Pounds that the row counts for in the period asked for; empty where it is left out
-- @filter kind kind
-- @sum counted
WITH cell AS (
    SELECT * FROM cells_in_scope
    WHERE true
        AND list_contains($kinds, kind::VARCHAR) -- if $kinds
        AND position > $after ORDER BY position LIMIT $window -- if $window
)
SELECT buyer, supplier, service, place, c.first AS "from", c.last AS "to", whole_e4 / 10000 AS "value", c.currency, c.certainty,
    array_to_string(claims, ' ') AS evidence, c.kind, record AS tie, buyer AS buyer_iri, supplier AS supplier_iri,
    service AS service_iri, place AS place_iri, c.guard, left_out,
    CASE WHEN left_out IS NULL AND c.kind <> 'service' THEN amount_e4 / 10000 END AS counted,
    position, 1 AS cells
FROM cell c JOIN entry USING (entry)
ORDER BY position LIMIT $most -- if $window
