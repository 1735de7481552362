-- What figures rest on and what is left out of them, by market and reason: records, rows of files, and money of one currency.
SELECT coalesce(market, -1), reason, CAST(count(DISTINCT nth_record) AS INTEGER), CAST(sum(payments) AS INTEGER),
    CAST(coalesce(sum(amount_e4), 0) AS BIGINT), coalesce(bool_or(is_cut), false)
FROM (
    -- An entry that has one row need not be looked for among others.
    SELECT market, coalesce(left_out, '') AS reason, nth_record, payments, CASE WHEN currency = $currency THEN amount_e4 END AS amount_e4,
        is_cut AND kind = 'spend' AS is_cut
    FROM rows_of WHERE part = 1
    UNION ALL
    SELECT market, coalesce(left_out, '') AS reason, any_value(nth_record), any_value(payments),
        sum(amount_e4) FILTER (currency = $currency), bool_or(is_cut AND kind = 'spend')
    FROM rows_of WHERE part < 1 GROUP BY market, reason, entry
)
GROUP BY market, reason
ORDER BY ALL;
