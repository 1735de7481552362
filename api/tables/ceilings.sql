-- Ceilings: what contracts may cost against what was paid under them; a row for each contract that payments are known to be under. A payment is under a contract whose reference it names, or that a person judged it to be under; the others are in no row.
-- @basis customers
-- @column contract text Its name
-- @column buyer text Who buys; several are set off by semicolons
-- @column supplier text Who supplies; several are set off by semicolons
-- @column ceiling number Awarded value of the whole contract; empty where none is known
-- @column currency text ISO 4217 code of the value
-- @column paid number Pounds of payments under it that count in figures; those with VAT only where none is known to be without
-- @column left_to_pay number Ceiling less paid, in pounds; negative where more was paid; empty where the ceiling is not in pounds
-- @column payments integer How many payments that is the sum of
-- @column not_counted number Pounds of payments under it that count in no figure, such as refunds, and those with VAT beside others without
-- @column from date Earliest day on which it may have begun
-- @column to date Latest day on which it may have ended or is to end
-- @column latest_end date Last day to which it can be extended; empty where that is not known
-- @column first_paid date Day of the first payment
-- @column last_paid date Day of the last payment
-- @column ceiling_vat text net or gross of value-added tax; empty where the record does not say
-- @column paid_vat text The same of the payments; both where they differ
-- @column guard text Why the contract counts in no figure; empty where nothing guards it
-- @column iri iri IRI of the contract
-- @filter contract contract iri
-- @filter buyer buyer
-- @filter supplier supplier
-- @order contract iri
WITH known AS (
    -- Under one contract, too, amounts with VAT are not added to those without.
    SELECT e.contract AS record, c.amount_e4, entry, e.first, e.last, vat,
        left_out IS NULL OR left_out = 'with VAT, others without' AS counts,
        vat = 'gross' AND bool_or(vat = 'net' AND left_out IS NULL) OVER (PARTITION BY e.contract) AS is_apart
    FROM cells_in_scope c JOIN entry e USING (entry) LEFT JOIN mark m ON m.mark = e.mark
    WHERE c.kind = 'spend' AND e.contract IS NOT NULL
), paid AS (
    SELECT record, sum(amount_e4) FILTER (counts AND is_apart IS NOT TRUE) AS paid_e4,
        count(DISTINCT entry) FILTER (counts AND is_apart IS NOT TRUE) AS payments,
        sum(amount_e4) FILTER (NOT counts OR is_apart) AS other_e4,
        min(first) AS first_paid, max(last) AS last_paid, string_agg(DISTINCT vat, ' ' ORDER BY vat) AS vat
    FROM known
    GROUP BY record
), named AS (
    SELECT record, any_value(entry) AS entry, string_agg(DISTINCT b.name, '; ' ORDER BY b.name) AS buyer,
        string_agg(DISTINCT s.name, '; ' ORDER BY s.name) AS supplier
    FROM paid JOIN entry USING (record) JOIN edge USING (entry)
    JOIN party b ON b.party = edge.buyer LEFT JOIN party s ON s.party = edge.supplier
    WHERE entry.kind = 'contract'
    GROUP BY record
)
SELECT e.label AS contract, buyer, supplier, e.value_e4 / 10000 AS ceiling, e.currency, coalesce(paid_e4, 0) / 10000 AS paid,
    CASE WHEN e.currency = 'GBP' THEN (e.value_e4 - coalesce(paid_e4, 0)) / 10000 END AS left_to_pay, p.payments,
    coalesce(other_e4, 0) / 10000 AS not_counted, e.first AS "from", e.last AS "to", e.latest AS latest_end, first_paid, last_paid,
    m.vat AS ceiling_vat, p.vat AS paid_vat, e.guard, record AS iri
FROM paid p JOIN named USING (record) JOIN entry e USING (entry) LEFT JOIN mark m USING (mark);
