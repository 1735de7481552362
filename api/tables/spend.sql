-- Spend: money reported between two organisations, a row for each month, set of service types and guard. Payments one by one are in `payments`.
-- @basis spend
-- @column buyer text Name of who paid
-- @column supplier text Name of who was paid; empty where nobody is named
-- @column amount number The sum of those of its payments that lie in the period, service types and places asked for
-- @column currency text ISO 4217 code of the sum
-- @column count integer How many payments that is the sum of
-- @column from date First day of the month or period
-- @column to date Last day of the month or period
-- @column guard text Why it counts in no figure; empty where nothing guards it
-- @column iri iri IRI of the sum
-- @column buyer_iri iri IRI of who paid
-- @column supplier_iri iri IRI of who was paid
-- @column left_out text Why the row counts in no sum of pounds: a guard, or that something is not known; empty where it counts
-- @column counted number Pounds that the row counts for in the period asked for; empty where it is left out
-- @sum count counted
WITH cell AS (
    SELECT * FROM cells_in_scope
    WHERE position > $after ORDER BY position LIMIT $window -- if $window
), payment AS (
    SELECT entry, max(position) AS position, any_value(buyer) AS buyer, any_value(supplier) AS supplier,
        any_value(currency) AS currency, any_value(payments) AS payments, any_value(guard) AS guard,
        any_value(left_out) AS left_out, sum(whole_e4) AS whole_e4, sum(amount_e4) AS amount_e4, count(*) AS cells
    FROM cell
    GROUP BY entry
), sums AS (
    SELECT record AS iri, max(position) AS position, any_value(buyer) AS buyer, any_value(supplier) AS supplier,
        any_value(p.currency) AS currency, sum(p.payments) AS "count", any_value(p.guard) AS guard,
        any_value(left_out) AS left_out, sum(whole_e4) AS whole_e4, sum(amount_e4) AS amount_e4, sum(cells) AS cells,
        min(CASE WHEN file_row IS NULL THEN first ELSE date_trunc('month', first)::DATE END) AS "from",
        max(CASE WHEN file_row IS NULL THEN last ELSE last_day(last) END) AS "to"
    FROM payment p JOIN entry USING (entry)
    GROUP BY record
)
SELECT buyer, supplier, whole_e4 / 10000 AS amount, currency, "count"::BIGINT AS "count", "from", "to", guard, iri,
    buyer AS buyer_iri, supplier AS supplier_iri, left_out,
    CASE WHEN left_out IS NULL THEN amount_e4 / 10000 END AS counted, position, cells
FROM sums
ORDER BY position LIMIT $most -- if $window
