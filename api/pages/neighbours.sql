-- What a party has with each other party by kind, as buyer or as supplier: added up, and between which days.
WITH cell AS (
    SELECT c.*, CASE WHEN $is_buyer THEN supplier ELSE buyer END AS other, CASE WHEN $is_buyer THEN buyer ELSE supplier END AS own,
        record
    FROM cells_in_scope c JOIN entry USING (entry)
    WHERE supplier IS NOT NULL
        -- What is guarded relates the two, but is not money that was paid.
        AND (c.kind <> 'spend' OR c.guard IS NULL)
)
SELECT p.iri AS other, kind::VARCHAR AS kind,
    -- Money is known by the month of each file: two files of one month are one month.
    count(DISTINCT CASE WHEN kind = 'spend' AND first IS NOT NULL THEN strftime(first, '%Y-%m') ELSE record END) AS ties,
    coalesce(sum(amount_e4) FILTER (left_out IS NULL), 0) / 10000 AS "value",
    coalesce(strftime(min(first), '%Y-%m-%d'), '') AS "start", coalesce(strftime(max(last), '%Y-%m-%d'), '') AS "end",
    coalesce(list(DISTINCT s.iri ORDER BY s.iri) FILTER (s.iri IS NOT NULL), []) AS services,
    coalesce(list(DISTINCT l.iri ORDER BY l.iri) FILTER (l.iri IS NOT NULL), []) AS places, max(certainty)::VARCHAR AS certainty
FROM cell
JOIN party p ON p.party = other
LEFT JOIN thing s ON s.thing = service
LEFT JOIN thing l ON l.thing = place
WHERE other <> own
GROUP BY other, p.iri, kind
ORDER BY other, kind;
