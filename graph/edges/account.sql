-- What figures rest on and what is left out of them, by market and reason: records, rows of files, and money of one currency.
WITH cell AS (
    SELECT market, coalesce(left_out, '') AS reason, entry, nth_record, payments, part,
        CASE WHEN currency = $currency THEN amount_e4 END AS amount_e4, is_cut AND kind = 'spend' AS is_cut,
        part = 1 AND kind <> 'spend' AS is_record -- unless $plans
        false AS is_record -- if $plans
    FROM rows_of
), entries AS (
    -- Payments share a record, and a plan has that of what came of it.
    SELECT market, reason, nth_record, payments, amount_e4, is_cut FROM cell WHERE part = 1 AND NOT is_record
    UNION ALL
    SELECT market, reason, any_value(nth_record), any_value(payments), sum(amount_e4), bool_or(is_cut)
    FROM cell WHERE part < 1 GROUP BY market, reason, entry
), records AS (
    -- A row that is the whole of a record need not be grouped with others.
    SELECT market, reason, count(*) AS records, sum(payments) AS payments, sum(amount_e4) AS amount_e4, bool_or(is_cut) AS is_cut
    FROM cell WHERE is_record GROUP BY market, reason
    UNION ALL
    SELECT market, reason, 1, sum(payments), sum(amount_e4), bool_or(is_cut) FROM entries GROUP BY market, reason, nth_record
)
SELECT coalesce(market, -1), reason, CAST(sum(records) AS INTEGER), CAST(sum(payments) AS INTEGER),
    CAST(coalesce(sum(amount_e4), 0) AS BIGINT), coalesce(bool_or(is_cut), false)
FROM records
GROUP BY market, reason
ORDER BY ALL;
