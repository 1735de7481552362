-- What a contract may cost, and what was paid under it; nothing where no payments are known to be under it.
SELECT c.value_e4, c.currency, coalesce(c.vat, '') AS vat, paid_e4, payments, not_counted_e4, first, last, p.vat AS paid_vat
FROM (
    SELECT coalesce(sum(value_e4) FILTER (guard IS NULL AND currency = 'GBP'), 0) AS paid_e4, count(*) FILTER (guard IS NULL AND currency = 'GBP') AS payments,
        coalesce(sum(value_e4) FILTER (guard IS NOT NULL AND currency = 'GBP'), 0) AS not_counted_e4, min(first) AS first, max(last) AS last,
        coalesce(string_agg(DISTINCT vat, ' and '), '') AS vat
    FROM entry LEFT JOIN mark USING (mark) WHERE kind = 'spend' AND contract = $contract
) p, (SELECT value_e4, currency, vat FROM entry LEFT JOIN mark USING (mark) WHERE record = $contract AND kind = 'contract' AND NOT planned) c
WHERE first IS NOT NULL;
