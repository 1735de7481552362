-- How many suppliers, buyers and contracts each market has, and the largest known amount of one of its records.
SELECT market, t.iri, t.name, count(DISTINCT supplier) FILTER (left_out IS NULL) AS suppliers,
    count(DISTINCT buyer) FILTER (left_out IS NULL) AS buyers,
    count(DISTINCT entry) FILTER (left_out IS NULL AND m.kind = 'contract') AS contracts,
    max(e.value_e4) FILTER (left_out IS NULL) AS largest_e4,
    bool_or(left_out = 'no value known' OR (left_out IN ('no date known', 'no currency stated') AND whole_e4 IS NULL)) AS has_unknown
FROM marketed m JOIN entry e USING (entry) LEFT JOIN thing t ON t.thing = market
GROUP BY market, t.iri, t.name
ORDER BY market NULLS FIRST;
