-- What contracts of different sources have in common: first those that share a reference, or run between the same buyer and
-- supplier for the same days and the same money. `decided` says who is who. `contracts_by_title.sql` goes on from here.
CREATE TEMP TABLE party AS
SELECT source, record, side, coalesce(key, named) AS party
FROM (
    SELECT source, record, 'buyer' AS side, unnest(string_split(buyers, ' ')) AS named FROM contract
    UNION ALL SELECT source, record, 'supplier', unnest(string_split(suppliers, ' ')) FROM contract
) LEFT JOIN decided ON given = named;

CREATE TEMP TABLE known AS SELECT source, record, unnest(string_split(refs, ' ')) AS ref FROM contract;

CREATE TEMP TABLE one AS
SELECT c.* EXCLUDE (buyers, suppliers, refs), p.buyers, p.suppliers, k.refs,
    -- Beginnings of words, so that a letter amiss further on does not matter.
    list_distinct([word[:4] for word in regexp_extract_all(lower(label), '\w{3,}')]) AS words,
    -- Words that tell lots apart, where each side has one of its own.
    list_filter(regexp_extract_all(lower(label), '[\p{L}\p{N}_]+'), lambda word: NOT list_contains(getvariable('small'), word)) AS telling,
    format('{} ({} to {}, {})', coalesce(label, ''), coalesce(first::VARCHAR, '?'), coalesce(last::VARCHAR, '?'),
        coalesce(format('{:,.2f}', value::DOUBLE), 'value unknown')) AS told
FROM contract c
LEFT JOIN (
    SELECT source, record, list(party) FILTER (side = 'buyer') AS buyers, list(party) FILTER (side = 'supplier') AS suppliers
    FROM party GROUP BY source, record
) p USING (source, record)
LEFT JOIN (SELECT source, record, list(ref) AS refs FROM known GROUP BY source, record) k USING (source, record);

CREATE TEMP TABLE between_two AS
SELECT source, record, b.party AS buyer, s.party AS supplier, first, last, value
FROM contract JOIN party b USING (source, record) JOIN party s USING (source, record)
WHERE b.side = 'buyer' AND s.side = 'supplier';

CREATE TEMP TABLE met AS
SELECT a.source, a.record, b.source AS other_source, b.record AS other
FROM known a JOIN known b ON a.ref = b.ref AND a.source < b.source AND a.record <> b.record
UNION
SELECT a.source, a.record, b.source, b.record
FROM between_two a JOIN between_two b
    ON a.buyer = b.buyer AND a.supplier = b.supplier AND a.first = b.first AND a.last = b.last AND a.value = b.value
    AND a.source < b.source AND a.record <> b.record;

CREATE TEMP VIEW pair AS
SELECT a.record, b.record AS other, a.told, b.told AS other_told, coalesce(a.label, '') AS label, coalesce(b.label, '') AS other_label,
    coalesce(list_has_any(a.buyers, b.buyers), false) AS buyer,
    coalesce(list_has_any(a.suppliers, b.suppliers), a.suppliers IS NULL OR b.suppliers IS NULL) AS supplier,
    coalesce(list_has_any(a.refs, b.refs), false) AS reference,
    -- There may be a day on which both run; both begin and end on the same days; they come to about the same, with tax or without.
    coalesce(a.last >= b.first, true) AND coalesce(b.last >= a.first, true) AS concurrent,
    coalesce(a.first = b.first AND a.last = b.last, false) AS term,
    coalesce(least(a.value, b.value) > 0 AND greatest(a.value, b.value) <= least(a.value, b.value) * 1.32, false) AS near,
    coalesce(a.value = b.value, false) AS value,
    coalesce(len(a.telling) > 0 AND len(b.telling) > 0 AND (list_has_all(a.telling, b.telling) OR list_has_all(b.telling, a.telling)), false)
        AS words
FROM met m
JOIN one a ON a.source = m.source AND a.record = m.record
JOIN one b ON b.source = m.other_source AND b.record = m.other;

-- What kind of likeness that is, as `words.yaml` scores it. `title_likeness` is 0 to 100.
CREATE TEMP VIEW candidate AS
SELECT record, other, told, other_told, CASE
    WHEN NOT (concurrent AND buyer AND supplier) THEN
        CASE WHEN reference AND concurrent AND (buyer OR supplier) THEN 'reference other party' END
    WHEN reference THEN CASE term::INTEGER + value::INTEGER + words::INTEGER
        -- A day in common is no ground: most contracts begin in April and end in March.
        WHEN 0 THEN CASE WHEN near OR title_likeness(label, other_label) >= 60 THEN 'reference and likeness' ELSE 'reference alone' END
        WHEN 1 THEN 'reference and one'
        ELSE 'reference and more' END
    WHEN term AND value THEN CASE WHEN words THEN 'term value title' ELSE 'two of term value title' END
    WHEN NOT (term OR value OR near) OR title_likeness(label, other_label) < 85 THEN NULL
    WHEN term OR value THEN 'two of term value title'
    ELSE 'title near value' END AS kind
FROM pair;
