-- How many buyers and contracts each market has, and whether what it is worth may not be known of something in it.
WITH bought AS (
    SELECT market, buyer, bool_or(left_out IS NULL) AS counts,
        count(*) FILTER (left_out IS NULL AND kind = 'contract' AND part = 1) AS contracts,
        bool_or(left_out = 'no value known' OR (left_out IN ('no date known', 'no currency stated') AND whole_e4 IS NULL)) AS has_unknown
    FROM marketed GROUP BY market, buyer
), shared AS (
    SELECT coalesce(market, -1) AS number, count(DISTINCT entry) AS contracts
    FROM marketed WHERE left_out IS NULL AND kind = 'contract' AND part < 1 GROUP BY market
)
SELECT market, any_value(t.iri), any_value(t.name), count(*) FILTER (counts) AS buyers,
    CAST(sum(b.contracts) AS BIGINT) + coalesce(any_value(s.contracts), 0) AS contracts, bool_or(has_unknown) AS has_unknown
FROM bought b
LEFT JOIN shared s ON number = coalesce(market, -1)
LEFT JOIN thing t ON t.thing = market
GROUP BY market
ORDER BY market NULLS FIRST;
