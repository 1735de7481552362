-- The rows of the edge table in a scope, in their order: the part of each in it, and why it counts in no figure, if so.
--
-- An amount falls evenly on the days between its first and its last (`since`, `until`); of which only one is known, on that
-- day: whatever the basis. On a basis of money a period takes what has days in it; on another what may run on any day of it.
-- `left_out` is the first reason of several. `$money` says whether rows weigh by money; where it is NULL, contracts and
-- payments do, and services do not.
WITH member AS (
    SELECT unnest($members) AS party, unnest($groups) AS led
), dated AS (
    SELECT e.rowid AS position, e.*, coalesce(b.led, buyer) AS own_buyer, coalesce(s.led, supplier) AS own_supplier,
        coalesce($money, kind <> 'service') AS money,
        coalesce(least(first, last), first, last) AS since, coalesce(greatest(first, last), first, last) AS until,
        CASE WHEN NOT money AND first IS NULL THEN NULL ELSE since END AS runs_from,
        CASE WHEN NOT money AND last IS NULL THEN NULL ELSE until END AS runs_to
    FROM edge e
    LEFT JOIN member b ON b.party = buyer
    LEFT JOIN member s ON s.party = supplier
    WHERE ($kind IS NULL OR kind = $kind)
        AND ($plans OR NOT planned)
        AND ($services IS NULL OR list_contains($services, service) AND ($certainty IS NULL OR typed IS NULL OR typed <= $certainty))
        AND ($marks IS NULL OR list_contains($marks, mark))
        AND ($places IS NULL OR list_contains($places, place))
        AND ($certainty IS NULL OR certainty <= $certainty)
        -- Where there are no groups, most rows are done with here.
        AND ($buyers IS NULL OR len($members) > 0 OR list_contains($buyers, buyer))
        AND ($suppliers IS NULL OR len($members) > 0 OR list_contains($suppliers, supplier))
), within AS (
    SELECT * FROM dated
    WHERE ($start IS NULL OR runs_to IS NULL OR runs_to >= $start) AND ($end IS NULL OR runs_from IS NULL OR runs_from <= $end)
        AND ($buyers IS NULL OR list_contains($buyers, buyer) OR list_contains($buyers, own_buyer))
        AND ($suppliers IS NULL OR list_contains($suppliers, supplier) OR list_contains($suppliers, own_supplier))
)
SELECT position, entry, kind, planned, own_buyer AS buyer, own_supplier AS supplier, stated_buyer, stated_supplier,
    -- A type that is less certain than what is asked for is none.
    CASE WHEN $certainty IS NULL OR typed IS NULL OR typed <= $certainty THEN service END AS service, place,
    first, last, currency, guard, certainty, payments, part, mark, amount_e4 AS whole_e4,
    CASE WHEN NOT $dated OR since IS NULL OR amount_e4 IS NULL THEN amount_e4
        ELSE allotted(amount_e4, greatest(coalesce($start, since) - since, 0),
            greatest(least(coalesce($end, until), until) - since + 1, 0), until - since + 1) END AS amount_e4,
    CASE WHEN NOT $dated OR since IS NULL THEN 1.0
        ELSE greatest(least(coalesce($end, until), until) - greatest(coalesce($start, since), since) + 1, 0)
            / (until - since + 1.0) END AS of_days,
    $dated AND since < until AND (since < coalesce($start, since) OR until > coalesce($end, until)) AS is_cut,
    CASE WHEN guard IS NOT NULL THEN 'guarded as ' || guard
        WHEN supplier IS NULL THEN 'no supplier named'
        WHEN collective THEN 'collective, no single body'
        WHEN $dated AND first IS NULL AND last IS NULL THEN 'no date known'
        WHEN money AND amount_e4 IS NULL THEN 'no value known'
        WHEN money AND currency IS NULL THEN 'no currency stated'
        WHEN money AND currency <> $currency THEN 'in another currency' END AS left_out
FROM within
