-- Contracts and the payments that may be under each: between the same two, on days on which it may run, under no contract yet.
-- `alone` where no other contract between the two may run on any of these days. Payments that only a month is known of too.
WITH agreed AS (
    SELECT DISTINCT record, label, c.buyer, c.supplier, c.first, greatest(c.last, e.latest) AS last
    FROM edge c JOIN entry e USING (entry)
    WHERE c.kind = 'contract' AND c.guard IS NULL AND NOT c.planned AND c.supplier IS NOT NULL AND c.first IS NOT NULL
), paid AS (
    SELECT DISTINCT entry, p.buyer, p.supplier, p.first, p.last, e.value_e4
    FROM edge p JOIN entry e USING (entry)
    WHERE p.kind = 'spend' AND p.guard IS NULL AND e.reported_by = 'payments' AND e.contract IS NULL
), met AS (
    SELECT *, count(*) OVER (PARTITION BY entry) AS contracts
    FROM (
        SELECT record, label, c.buyer, c.supplier, entry, p.first, p.last, value_e4
        FROM paid p JOIN agreed c ON c.buyer = p.buyer AND c.supplier = p.supplier AND p.first >= c.first
            AND coalesce(p.last <= c.last, true)
    )
)
SELECT record, label, b.name, s.name, count(*), sum(value_e4), min(first), max(last), max(contracts) = 1 AS alone
FROM met JOIN party b ON b.party = buyer JOIN party s ON s.party = supplier
GROUP BY record, label, b.name, s.name
ORDER BY alone DESC, sum(value_e4) DESC, record;
