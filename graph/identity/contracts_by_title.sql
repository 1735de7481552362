-- Of contracts that are not one with any of the other's source: those between the same buyer and supplier that run at one
-- time, agree in both days or about in the value (with tax or without), and have half of the words of a title in common.
-- Each contract is held against the few that are most like it, or two bodies with a thousand contracts would make a million
-- questions. `settled` has the contracts that are one with another, with its source.
CREATE OR REPLACE TEMP TABLE met AS
WITH near AS (
    SELECT DISTINCT a.source, a.record, b.source AS other_source, b.record AS other,
        greatest(a.value, b.value) / nullif(least(a.value, b.value), 0) AS ratio
    FROM between_two a JOIN between_two b
        ON a.buyer = b.buyer AND a.supplier = b.supplier AND a.source < b.source AND a.record <> b.record
    WHERE coalesce(a.last >= b.first, true) AND coalesce(b.last >= a.first, true)
        AND ((a.first = b.first AND a.last = b.last) OR greatest(a.value, b.value) <= least(a.value, b.value) * 1.32)
        AND NOT EXISTS (FROM settled s WHERE s.record = a.record AND s.source = b.source)
        AND NOT EXISTS (FROM settled s WHERE s.record = b.record AND s.source = a.source)
), alike AS (
    SELECT n.*, len(list_intersect(a.words, b.words)) / greatest(len(a.words), len(b.words), 1) AS common
    FROM near n
    ANTI JOIN met USING (source, record, other_source, other)
    JOIN one a ON a.source = n.source AND a.record = n.record
    JOIN one b ON b.source = n.other_source AND b.record = n.other
    WHERE 2 * len(list_intersect(a.words, b.words)) >= least(len(a.words), len(b.words))
)
SELECT source, record, other_source, other FROM alike
QUALIFY row_number() OVER (PARTITION BY source, record, other_source ORDER BY common DESC, ratio, other) <= $most
    AND row_number() OVER (PARTITION BY other_source, other, source ORDER BY common DESC, ratio, record) <= $most;
