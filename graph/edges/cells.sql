-- The rows of the edge table in a scope, in their order: the part of each in it, and why it counts in no figure, if so.
--
-- An amount falls evenly on the days between its first and its last (`since`, `until`); of which only one is known, on that
-- day: whatever the basis. On a basis of money a period takes what has days in it; on another what may run on any day of it.
-- `left_out` is the first reason of several. The parameter `money` says whether rows weigh by money; where it is NULL,
-- contracts and payments do, and services do not.
-- Amounts with and without value-added tax are never added: `with_tax` are those with it of the kinds of which some in the
-- scope (`mixed`) are known to be with it and others without. Amounts of which no file says either are in both sums.
WITH placed AS (
    SELECT e.rowid AS position, e.*,
        buyer AS own_buyer, supplier AS own_supplier, -- unless $members
        coalesce(b.led, buyer) AS own_buyer, coalesce(s.led, supplier) AS own_supplier, -- if $members
        coalesce(least(first, last), first, last) AS since, coalesce(greatest(first, last), first, last) AS until, -- if $dated
        coalesce(list_contains($mixed, kind::VARCHAR) AND list_contains($gross, mark), false) AS with_tax, -- if $mixed
        false AS with_tax, -- unless $mixed
        coalesce($money, kind <> 'service') AS money
    FROM edge e
    LEFT JOIN (SELECT unnest($members) AS party, unnest($groups) AS led) b ON b.party = buyer -- if $members
    LEFT JOIN (SELECT unnest($members) AS party, unnest($groups) AS led) s ON s.party = supplier -- if $members
    WHERE ($plans OR NOT planned)
        AND kind = $kind::KIND -- if $kind
        AND list_contains($services, service) -- if $services
        AND list_contains($marks, mark) -- if $marks
        AND list_contains($places, place) -- if $places
        AND certainty <= $certainty::CERTAINTY AND ($services IS NULL OR typed IS NULL OR typed <= $certainty::CERTAINTY) -- if $certainty
), within AS (
    SELECT
        until - since + 1 AS days, -- if $dated
        greatest(coalesce($start, since) - since, 0) AS days_before, -- if $dated
        greatest(least(coalesce($end, until), until) - since + 1, 0) AS days_reached, -- if $dated
        *
    FROM placed
    WHERE true
        AND ((NOT money AND last IS NULL) OR coalesce(until >= $start, true)) -- if $start
        AND ((NOT money AND first IS NULL) OR coalesce(since <= $end, true)) -- if $end
        AND (list_contains($buyers, buyer) OR list_contains($buyers, own_buyer)) -- if $buyers
        AND (list_contains($suppliers, supplier) OR list_contains($suppliers, own_supplier)) -- if $suppliers
) -- unless $minimum_e4
), in_scope AS ( -- if $minimum_e4
SELECT position, entry, nth_record, kind, planned, own_buyer AS buyer, own_supplier AS supplier, stated_buyer, stated_supplier,
    service, -- unless $certainty
    -- A type that is less certain than what is asked for is none.
    CASE WHEN typed IS NULL OR typed <= $certainty::CERTAINTY THEN service END AS service, -- if $certainty
    place, first, last, currency, guard, certainty, payments, part, mark, with_tax, amount_e4 AS whole_e4,
    amount_e4, 1::DOUBLE AS of_days, false AS is_cut, -- unless $dated
    CASE WHEN since IS NULL THEN amount_e4 ELSE allotted(amount_e4, days_before, days_reached, days) END AS amount_e4, -- if $dated
    CASE WHEN since IS NULL THEN 1 ELSE greatest(days_reached - days_before, 0) / days END AS of_days, -- if $dated
    since < until AND (days_before > 0 OR days_reached < days) AS is_cut, -- if $dated
    CASE WHEN guard IS NOT NULL THEN 'guarded as ' || guard
        WHEN supplier IS NULL THEN 'no supplier named'
        WHEN collective THEN 'collective, no single body'
        WHEN first IS NULL AND last IS NULL THEN 'no date known' -- if $dated
        WHEN money AND amount_e4 IS NULL THEN 'no value known'
        WHEN money AND currency IS NULL THEN 'no currency stated'
        WHEN money AND currency <> $currency THEN 'in another currency'
        WHEN money AND with_tax THEN 'with VAT, others without' END AS left_out
FROM within
) -- if $minimum_e4
SELECT in_scope.* FROM in_scope SEMI JOIN ( -- if $minimum_e4
    SELECT buyer, supplier, kind FROM in_scope WHERE left_out IS NULL AND currency = $currency -- if $minimum_e4
    GROUP BY ALL HAVING sum(amount_e4) >= $minimum_e4 -- if $minimum_e4
) USING (buyer, supplier, kind) -- if $minimum_e4
