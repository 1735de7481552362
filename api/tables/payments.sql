-- Payments: each payment that was reported, as its row of the file says it and as the names in it were understood.
-- @basis spend
-- @column day date On which it was paid; empty where only a period is known
-- @column buyer text Name of who paid, as it was understood
-- @column supplier text Name of who was paid, as it was understood; empty where nobody is named
-- @column amount number The payment, whole
-- @column currency text ISO 4217 code of the amount
-- @column payer text Who paid, as it is written
-- @column payee text Who was paid, as it is written
-- @column department text The part of the payer that paid, as it is written
-- @column category text What it was for, as it is written
-- @column from date First day on which it may have been paid
-- @column to date Last day on which it may have been paid
-- @column file_row integer Row of the file that it was read from
-- @column source text Id of the source that the file is of
-- @column count integer How many payments it stands for, where only their sum is known
-- @column sum iri IRI of the month's sum that it is part of
-- @column buyer_iri iri IRI of who paid
-- @column supplier_iri iri IRI of who was paid
-- @column guard text Why it counts in no figure; empty where nothing guards it
-- @column left_out text Why the row counts in no sum of pounds: a guard, or that something is not known; empty where it counts
-- @column counted number Pounds that the row counts for, of the period, service types and places asked for; empty where it is left out
-- @column contract iri IRI of the contract that it was paid under; empty where none is known
-- @column vat text net or gross of value-added tax; empty where the table does not say
-- @column services text Slugs of the service types, set off by spaces; empty where no rule tells one
-- @column service_certainty text Asserted where the row says what was bought, reported where the supplier's own line does, speculative where the department does
-- @column sector text The payer's sector, where the file says it
-- @column supplier_size text SME or Large, where the file says it
-- @column lot text Lot of the framework, where the file says it
-- @sum counted
WITH cell AS (
    SELECT * FROM cells_in_scope
    WHERE position > $after ORDER BY position LIMIT $window -- if $window
), payment AS (
    SELECT entry, buyer, supplier, max(position) AS position, any_value(left_out) AS left_out, sum(amount_e4) AS amount_e4,
        count(*) AS cells
    FROM cell
    GROUP BY entry, buyer, supplier
)
SELECT CASE WHEN first = last THEN first END AS "day", buyer, supplier, value_e4 / 10000 AS amount, currency, payer, payee,
    department, category, first AS "from", last AS "to", file_row, source, payments AS "count", record AS "sum",
    buyer AS buyer_iri, supplier AS supplier_iri, guard, left_out,
    CASE WHEN left_out IS NULL THEN amount_e4 / 10000 END AS counted, contract, vat,
    nullif(array_to_string(list_transform(services, lambda one: string_split(one, '#')[-1]), ' '), '') AS services,
    CASE WHEN len(services) > 0 THEN coalesce(typed, 'asserted') END AS service_certainty,
    sector, size AS supplier_size, lot, position, cells
FROM payment JOIN entry USING (entry) LEFT JOIN mark USING (mark)
ORDER BY position LIMIT $most -- if $window
