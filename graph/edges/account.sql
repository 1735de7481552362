-- What figures rest on and what is left out of them, by market and reason: records, rows of files, and money of one currency.
SELECT coalesce(market, -1), reason, CAST(count(DISTINCT record) AS INTEGER), CAST(sum(s.payments) AS INTEGER),
    CAST(coalesce(sum(s.amount_e4), 0) AS BIGINT), coalesce(bool_or(s.is_cut), false)
FROM (
    SELECT market, coalesce(left_out, '') AS reason, entry, any_value(payments) AS payments,
        sum(amount_e4) FILTER (currency = $currency) AS amount_e4, bool_or(is_cut AND kind = 'spend') AS is_cut
    FROM rows_of GROUP BY ALL
) s JOIN entry USING (entry)
GROUP BY market, reason
ORDER BY ALL;
