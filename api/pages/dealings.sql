-- What a party has with each other by what nothing guards: what for, where, between which days, for how much. `$on` is the
-- day by which something has ended. Only services and contracts have an end: a payment says nothing of the next.
WITH cell AS (
    SELECT CASE WHEN $is_buyer THEN supplier ELSE buyer END AS other, CASE WHEN $is_buyer THEN buyer ELSE supplier END AS own,
        c.kind, service, c.first, c.last, amount_e4, left_out, c.payments, part, e.places, e.department
    FROM cells_in_scope c JOIN entry e USING (entry)
    WHERE c.guard IS NULL AND supplier IS NOT NULL
)
SELECT p.iri, p.name,
    coalesce(list(DISTINCT t.iri ORDER BY t.iri) FILTER (t.iri IS NOT NULL), []) AS services,
    list_sort(list_distinct(flatten(list(coalesce(places, [])) FILTER (kind <> 'spend')))) AS places,
    min(first) AS since, max(last) FILTER (kind <> 'spend') AS until, min(last) FILTER (kind <> 'spend' AND last >= $on) AS ends_next,
    coalesce(bool_or(kind <> 'spend' AND last IS NULL), false) AS is_open,
    sum(amount_e4) FILTER (kind = 'spend' AND left_out IS NULL) / 10000 AS paid,
    sum(amount_e4) FILTER (kind = 'contract' AND left_out IS NULL) / 10000 AS awarded,
    CAST(round(sum(c.payments * part) FILTER (kind = 'spend')) AS INTEGER) AS payments,
    CAST(count(DISTINCT date_trunc('month', first)) FILTER (kind = 'spend') AS INTEGER) AS months,
    max(last) FILTER (kind = 'spend') AS last_paid,
    coalesce(list(DISTINCT department ORDER BY department) FILTER (department IS NOT NULL), []) AS departments
FROM cell c
JOIN party p ON p.party = other
LEFT JOIN thing t ON t.thing = service
WHERE other <> own
GROUP BY p.iri, p.name
ORDER BY coalesce(paid, 0) + coalesce(awarded, 0) DESC, p.name, p.iri;
