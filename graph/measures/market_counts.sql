-- How many buyers and contracts each market has, and whether what it is worth may not be known of something in it.
SELECT market, t.iri, t.name, count(DISTINCT buyer) FILTER (left_out IS NULL) AS buyers,
    count(*) FILTER (left_out IS NULL AND kind = 'contract' AND part = 1)
        + count(DISTINCT entry) FILTER (left_out IS NULL AND kind = 'contract' AND part < 1) AS contracts,
    bool_or(left_out = 'no value known' OR (left_out IN ('no date known', 'no currency stated') AND whole_e4 IS NULL)) AS has_unknown
FROM marketed LEFT JOIN thing t ON t.thing = market
GROUP BY market, t.iri, t.name
ORDER BY market NULLS FIRST;
