-- What one party has with each other: the whole, its part of either's whole, how many records, and between which days.
WITH cell AS (
    SELECT CASE $side WHEN 'buyer' THEN buyer ELSE supplier END AS own, CASE $side WHEN 'buyer' THEN supplier ELSE buyer END AS other,
        entry, kind, payments, part, first, last, left_out, CASE WHEN $money THEN CAST(amount_e4 AS DOUBLE) ELSE part END AS weight,
        amount_e4
    FROM cells_in_scope
    WHERE supplier IS NOT NULL AND guard IS NULL
), mine AS (
    SELECT other, sum(weight) FILTER (left_out IS NULL) AS total, sum(amount_e4) FILTER (left_out IS NULL) AS amount_e4,
        CASE any_value(kind) WHEN 'spend' THEN CAST(round(sum(payments * part)) AS BIGINT) ELSE count(DISTINCT entry) END AS records,
        min(first) AS starts, max(last) AS ends
    FROM cell
    WHERE own = (SELECT party FROM party WHERE iri = $party)
    GROUP BY other
    -- No share is negative.
    HAVING sum(weight) FILTER (left_out IS NULL) > 0
), theirs AS (
    SELECT other, sum(total) AS total
    FROM (
        SELECT other, own, sum(weight) AS total FROM cell
        WHERE left_out IS NULL AND other IN (SELECT other FROM mine)
        GROUP BY other, own HAVING sum(weight) > 0
    )
    GROUP BY other
), covered AS (
    -- Whose file is mostly redacted is not known by what is left of it.
    SELECT other, least(
        sum(part) FILTER (left_out IS NULL) / sum(part),
        CASE WHEN $money THEN sum(abs(amount_e4)) FILTER (left_out IS NULL) / nullif(sum(abs(amount_e4)), 0) END) AS coverage
    FROM (
        SELECT CASE $side WHEN 'buyer' THEN supplier ELSE buyer END AS other, part, amount_e4, left_out FROM cells_in_scope
        WHERE left_out IS NULL OR list_contains($hidden, left_out)
    )
    WHERE other IN (SELECT other FROM mine)
    GROUP BY other
)
SELECT p.iri, p.name, CASE WHEN $money THEN mine.amount_e4 / 10000 ELSE mine.total END AS total,
    mine.total / sum(mine.total) OVER () AS of_own, mine.total / theirs.total AS of_theirs, records, starts, ends,
    coalesce(covered.coverage, 0) AS their_coverage
FROM mine
JOIN theirs USING (other)
JOIN covered USING (other)
JOIN party p ON p.party = other
ORDER BY round(mine.total, 9) DESC, other;
