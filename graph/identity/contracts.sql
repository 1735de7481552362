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
    list_distinct([word[:4] for word in regexp_extract_all(lower(label), '\w{3,}')]) AS words
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
SELECT a.record, b.record AS other, a.label, b.label AS other_label, a.first, a.last, b.first AS other_first, b.last AS other_last,
    a.value, b.value AS other_value,
    coalesce(list_has_any(a.buyers, b.buyers), false) AS buyer,
    coalesce(list_has_any(a.suppliers, b.suppliers), a.suppliers IS NULL OR b.suppliers IS NULL) AS supplier,
    coalesce(list_has_any(a.refs, b.refs), false) AS reference,
    -- There may be a day on which both run; both begin and end on the same days; they come to about the same, with tax or without.
    coalesce(a.last >= b.first, true) AND coalesce(b.last >= a.first, true) AS overlaps,
    coalesce(a.first = b.first AND a.last = b.last, false) AS term,
    coalesce(least(a.value, b.value) > 0 AND greatest(a.value, b.value) <= least(a.value, b.value) * 1.32, false) AS near
FROM met m
JOIN one a ON a.source = m.source AND a.record = m.record
JOIN one b ON b.source = m.other_source AND b.record = m.other;
