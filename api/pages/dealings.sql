-- What a party has with each other: what for, where, between which days, for how much, from `selected`.
-- @column services iri What for
-- @column paid number Pounds paid
-- @column paid_in_all number Pounds paid for anything, where a service type is chosen
-- @column awarded number Pounds of contracts
-- @column since date The first day
-- @column until date The last day of services and contracts
-- @column ends_next date What ends next of them
-- @column run_from iri Where services are run from
-- @column departments iri Who bought
-- @column share number Part of what was paid
-- @column last_paid date The last payment
-- @column months integer Months with payments
-- @column evidence text Where it is shown what this rests on
-- @column payments integer How many
-- @column ended text `yes` for what has ended
-- @column company_number text Number of the company
-- @column group text Whose group it is in
-- @column places iri The areas that are served
-- @column iri iri Who
-- @sum paid paid_in_all awarded
CREATE TEMP TABLE dealings AS
-- `$wanted` has the service types that are chosen. Most payments say no type: departments and days are those of all payments.
WITH cell AS (
    SELECT *, $wanted IS NULL OR coalesce(list_contains($wanted, service), false) AS is_wanted FROM selected
), typed AS (
    SELECT other, list_sort(list_distinct(list({'text': name, 'iri': iri}))) AS services
    FROM cell JOIN thing ON thing = service WHERE is_wanted GROUP BY other
), served AS (
    SELECT other, list_sort(list_distinct(list({'text': coalesce(t.name, c.iri), 'iri': c.iri}))) AS places
    FROM (SELECT other, unnest(places) AS iri FROM cell WHERE kind <> 'spend' AND is_wanted) c LEFT JOIN thing t USING (iri)
    GROUP BY other
), bought AS (
    -- One department, however its capitals are.
    SELECT other, list({'text': department, 'iri': NULL::VARCHAR} ORDER BY department) AS departments
    FROM (SELECT other, min(department) AS department FROM cell WHERE department <> '' GROUP BY other, lower(department))
    GROUP BY other
), run AS (
    SELECT iri, list({'text': place, 'iri': place_iri} ORDER BY place) AS run_from
    FROM (SELECT unnest($run_by::VARCHAR[]) AS iri, unnest($run_from::VARCHAR[]) AS place, unnest($run_from_iris::VARCHAR[]) AS place_iri)
    GROUP BY iri
), led AS (
    SELECT unnest($members::VARCHAR[]) AS iri, unnest($leaders::VARCHAR[]) AS leader, unnest($groups::VARCHAR[]) AS "group"
), company AS (
    SELECT iri, min(substr(name, 8)) AS company_number FROM called WHERE starts_with(name, 'GB-COH-') GROUP BY iri
), found AS (
    SELECT other,
        sum(amount_e4) FILTER (kind = 'spend' AND is_wanted) / 10000 AS paid,
        CASE WHEN $wanted IS NOT NULL THEN sum(amount_e4) FILTER (kind = 'spend') / 10000 END AS paid_in_all,
        sum(amount_e4) FILTER (kind = 'contract' AND is_wanted) / 10000 AS awarded,
        min(first) FILTER (is_wanted) AS since,
        -- Only services and contracts have an end: a payment says nothing of the next.
        max(last) FILTER (kind <> 'spend' AND is_wanted) AS until,
        min(last) FILTER (kind <> 'spend' AND is_wanted AND last >= $on) AS ends_next,
        coalesce(bool_or(kind <> 'spend' AND is_wanted AND last IS NULL), false) AS is_open,
        max(last) FILTER (kind = 'spend') AS last_paid,
        nullif(count(DISTINCT 12 * year(first) + month(first)) FILTER (kind = 'spend'), 0) AS months,
        CAST(round(sum(payments) FILTER (kind = 'spend')) AS INTEGER) AS payments,
        bool_or(service IS NOT NULL) AS is_known, bool_or(is_it) AS has_it
    FROM cell
    GROUP BY other
    HAVING bool_or(is_wanted)
), shared AS (
    SELECT *, CASE WHEN paid > 0 THEN paid / sum(greatest(paid, 0)) OVER () END AS share FROM found
)
SELECT p.name, services, paid, paid_in_all, awarded, since, until, ends_next, run_from, departments, share, last_paid, months,
    '/ties?buyer=' || CASE WHEN $is_buyer THEN $key ELSE named.key END || '&supplier=' || CASE WHEN $is_buyer THEN named.key ELSE $key END AS evidence,
    payments,
    CASE WHEN until < $on AND NOT is_open AND coalesce(last_paid <= until, true) THEN 'yes' ELSE '' END AS ended,
    coalesce(company_number, '') AS company_number, coalesce("group", '') AS "group", places, p.iri AS iri,
    coalesce(leader, p.iri) AS leader,
    row_number() OVER (ORDER BY coalesce(paid, 0) + coalesce(awarded, 0) DESC, p.name, p.iri) AS position
FROM shared
JOIN party p ON p.party = other
JOIN (SELECT party, CASE WHEN starts_with(iri, $base) THEN substr(iri, length($base) + 1) ELSE url_encode(iri) END AS key FROM party) named USING (party)
LEFT JOIN typed USING (other)
LEFT JOIN served USING (other)
LEFT JOIN bought USING (other)
LEFT JOIN run ON run.iri = p.iri
LEFT JOIN led ON led.iri = p.iri
LEFT JOIN company ON company.iri = p.iri
WHERE CASE $view WHEN 'other' THEN is_known AND NOT has_it WHEN 'unknown' THEN NOT is_known ELSE true END
ORDER BY position;
