-- From rows as they were given to the edge table. Each statement is run in its order; `$base` and `$services` are what the
-- keys of things and the slugs of service types follow.

INSERT INTO holding
SELECT owner, owned, coalesce(controls = 'true', false), CASE WHEN isfinite(try_cast(share AS DOUBLE)) THEN share END,
    try_cast(since AS DATE), try_cast(until AS DATE)
FROM held;

-- What a party or concept is: its narrowest class, the first of several, and whether one of its classes, or of those above them,
-- makes it a collective, or a public body that sells in no market.
CREATE TEMP TABLE described AS
WITH wider AS (
    SELECT DISTINCT thing, broader FROM names JOIN superclasses USING (class)
), own AS (
    SELECT names.thing, label, regexp_extract(class, '[^#/]*$') AS class, broader IS NULL AS is_narrowest
    FROM names LEFT JOIN wider ON wider.thing = names.thing AND wider.broader = names.class
), above AS (
    SELECT thing, list(regexp_extract(broader, '[^#/]*$')) AS above FROM wider GROUP BY thing
)
SELECT thing, min(label) AS label, coalesce(min(class) FILTER (is_narrowest), 'Agent') AS class, list(class) AS own,
    list(class) || coalesce(any_value(above.above), []) AS every
FROM own LEFT JOIN above USING (thing) GROUP BY thing;

INSERT INTO concept
SELECT thing, label, list_contains(own, 'Place') FROM described WHERE list_has_any(own, ['Place', 'ServiceType']);

INSERT INTO named
SELECT thing, label, class, list_contains(every, 'Sector'), list_contains(every, 'PublicBody') AND NOT list_contains(own, 'TradingBody')
FROM described WHERE NOT list_has_any(own, ['Place', 'ServiceType']);
DROP TABLE described;

INSERT INTO area SELECT DISTINCT areas.* FROM areas SEMI JOIN named ON iri = party;

-- The region that an area lies in, else the country.
INSERT INTO region
SELECT organisation, coalesce(max(region) FILTER (level = 'region'), min(region)) FROM regions GROUP BY organisation;

-- Contracts that are one, whatever record names them.
UPDATE given SET record = decided FROM canonical WHERE canonical.given = record AND kind = 'contract';

-- One line for each record: what several sources say of one contract, or a source and a claims file, taken together.
-- Payments are never one another, so they are not looked at here.
CREATE TEMP TABLE repeated AS
SELECT record, planned FROM given WHERE file_row IS NULL GROUP BY record, planned HAVING count(*) > 1;

-- Records and their rows are numbered apart from all else that is known of them: to sort wide rows takes ten times as long.
CREATE TEMP TABLE place AS
SELECT record, planned, file_row, nth_record, row_number() OVER (ORDER BY nth_record, planned, file_row) - 1 AS entry
FROM (
    SELECT record, planned, file_row FROM given WHERE file_row IS NOT NULL
    UNION ALL SELECT DISTINCT record, planned, NULL FROM given WHERE file_row IS NULL
) JOIN (SELECT record, row_number() OVER (ORDER BY record) - 1 AS nth_record FROM (SELECT DISTINCT record FROM given)) USING (record);

CREATE TEMP TABLE numbered AS
SELECT p.entry, p.nth_record, one.*
FROM place p JOIN (
    SELECT * FROM given WHERE file_row IS NOT NULL
    UNION ALL BY NAME
    SELECT * FROM given ANTI JOIN repeated USING (record, planned) WHERE file_row IS NULL
    UNION ALL BY NAME
    SELECT record, planned, min(kind) AS kind,
        list_sort(list_distinct(flatten(list(buyers)))) AS buyers,
        list_sort(list_distinct(flatten(list(suppliers)))) AS suppliers,
        first(first ORDER BY rank) FILTER (first IS NOT NULL) AS first,
        first(last ORDER BY rank) FILTER (last IS NOT NULL) AS last,
        first(value_e4 ORDER BY rank) FILTER (value_e4 IS NOT NULL) AS value_e4,
        first(currency ORDER BY rank) FILTER (value_e4 IS NOT NULL) AS currency,
        first(guard ORDER BY rank) AS guard,
        list_sort(list_distinct(flatten(list(services)))) AS services,
        list_sort(list_distinct(flatten(list(places)))) AS places,
        first(label ORDER BY rank) AS label, first(source ORDER BY rank) AS source, min(contract) AS contract,
        max(payments) AS payments, min(reported_by) AS reported_by, max(typed) AS typed,
        first(latest ORDER BY rank) FILTER (latest IS NOT NULL) AS latest,
        list_sort(list_distinct(flatten(list(coalesce(refs, []))))) AS refs,
        first(sector ORDER BY rank) FILTER (sector IS NOT NULL) AS sector, first(size ORDER BY rank) FILTER (size IS NOT NULL) AS size,
        first(lot ORDER BY rank) FILTER (lot IS NOT NULL) AS lot, first(vat ORDER BY rank) FILTER (value_e4 IS NOT NULL) AS vat
    FROM (
        -- As `civicgraph.graph.records.rows.precedence` has it: what a guard finds fault with last, what was published last first, then the last source.
        SELECT *, row_number() OVER (
            PARTITION BY record, planned
            ORDER BY guard IS NOT NULL AND guard NOT IN ('unsuccessful-award', 'pending-award', 'superseded-award'),
                published DESC NULLS LAST, source DESC NULLS LAST
        ) AS rank
        FROM given SEMI JOIN repeated USING (record, planned)
        WHERE file_row IS NULL
    )
    GROUP BY record, planned
) one ON p.record = one.record AND p.planned = one.planned AND p.file_row IS NOT DISTINCT FROM one.file_row;
DROP TABLE place;

-- Each buyer with each supplier, as records name them and as they were decided; two names of one party count once. Most
-- entries have one of each.
CREATE TEMP TABLE pair AS
WITH stated AS (
    SELECT entry, unnest(buyers) AS stated_buyer, suppliers FROM numbered WHERE len(buyers) > 1 OR len(suppliers) > 1
), crossed AS (
    SELECT entry, stated_buyer, unnest(CASE WHEN len(suppliers) = 0 THEN [NULL] ELSE suppliers END) AS stated_supplier
    FROM stated
), decided AS (
    SELECT entry, stated_buyer, stated_supplier,
        coalesce(b.decided, stated_buyer) AS buyer, coalesce(s.decided, stated_supplier) AS supplier
    FROM crossed
    LEFT JOIN canonical b ON b.given = stated_buyer
    LEFT JOIN canonical s ON s.given = stated_supplier
), once AS (
    SELECT entry, buyer, supplier, min(stated_buyer) AS stated_buyer, min(stated_supplier) AS stated_supplier
    FROM decided GROUP BY entry, buyer, supplier
)
SELECT *, row_number() OVER (PARTITION BY entry ORDER BY buyer, supplier) - 1 AS nth, count(*) OVER (PARTITION BY entry) AS n
FROM once
UNION ALL BY NAME
SELECT entry, coalesce(b.decided, stated_buyer) AS buyer, coalesce(s.decided, stated_supplier) AS supplier,
    stated_buyer, stated_supplier, 0 AS nth, 1 AS n
FROM (
    SELECT entry, buyers[1] AS stated_buyer, suppliers[1] AS stated_supplier
    FROM numbered WHERE len(buyers) = 1 AND len(suppliers) <= 1
)
LEFT JOIN canonical b ON b.given = stated_buyer
LEFT JOIN canonical s ON s.given = stated_supplier;

-- What is planned and also established is established.
DELETE FROM pair USING numbered p, numbered e, pair o
WHERE p.entry = pair.entry AND p.planned AND e.record = p.record AND NOT e.planned
    AND o.entry = e.entry AND o.buyer = pair.buyer AND o.supplier IS NOT DISTINCT FROM pair.supplier;

-- Money from one public body to another is a transfer and not a purchase, whatever its spelling: who is one is known once
-- it is known who is who. It is one by its class; it reports its own payments; a row names it so that its name tells; or it is
-- a part of one ("Bradford Council (Housing)"). What a body declares to have sold is a sale, whoever it is.
CREATE TEMP TABLE public AS
WITH class AS (
    SELECT iri FROM named WHERE public
), own AS (
    SELECT DISTINCT buyer AS iri FROM pair JOIN numbered USING (entry) WHERE reported_by = 'payments'
    UNION
    SELECT DISTINCT supplier FROM pair JOIN numbered USING (entry) WHERE guard = 'public-transfer' AND supplier IS NOT NULL
), stem AS (
    SELECT iri, lower(regexp_extract(name, '(?i)^(.*\b(?:council|borough|authority|office|agency|department|ministry)\b.*?) *(?: - |\().*', 1)) AS name
    FROM named WHERE contains(name, '(') OR contains(name, ' - ')
)
SELECT iri FROM class
UNION SELECT iri FROM own LEFT JOIN named USING (iri) WHERE NOT trades(coalesce(name, ''))
UNION SELECT stem.iri FROM stem JOIN called ON lower(called.name) = stem.name JOIN class ON class.iri = called.iri;

UPDATE numbered SET guard = t.reason
FROM (
    SELECT entry, max(CASE WHEN buyer = supplier THEN 'paid-to-itself' ELSE 'public-transfer' END) AS reason
    FROM pair LEFT JOIN public p ON p.iri = supplier WHERE buyer = supplier OR p.iri IS NOT NULL GROUP BY entry
) t
WHERE t.entry = numbered.entry AND guard IS NULL AND reported_by = 'payments';

-- A body's payments are under that contract with the same supplier whose reference they name, and of several under the one
-- that runs on their day. What a supplier declares is the same money again, and is under none.
CREATE TEMP TABLE payment AS
SELECT entry, buyer, supplier, first, last, refs
FROM numbered JOIN pair USING (entry) WHERE kind = 'spend' AND reported_by = 'payments' AND supplier IS NOT NULL
    AND (refs IS NOT NULL OR EXISTS (FROM judged));

CREATE TEMP TABLE agreed AS
SELECT entry, record, buyer, supplier, first, greatest(last, latest) AS last, refs
FROM numbered JOIN pair USING (entry)
WHERE kind = 'contract' AND NOT planned AND (guard IS NULL OR guard NOT IN ('unsuccessful-award', 'pending-award'))
    AND EXISTS (FROM payment);

CREATE TEMP TABLE paid_under AS
WITH possible AS (
    SELECT DISTINCT p.entry, c.record, coalesce(p.first >= c.first, true) AND coalesce(p.last <= c.last, true) AS runs
    FROM (SELECT *, unnest(refs) AS ref FROM payment) p
    JOIN (SELECT *, unnest(refs) AS ref FROM agreed) c
        ON c.ref = p.ref AND c.buyer = p.buyer AND coalesce(c.supplier = p.supplier, true)
)
SELECT entry, CASE WHEN count(DISTINCT record) = 1 THEN min(record) ELSE min(record) FILTER (runs) END AS record
FROM possible GROUP BY entry
HAVING count(DISTINCT record) = 1 OR count(DISTINCT record) FILTER (runs) = 1;

INSERT INTO paid_under
SELECT p.entry, min(c.record)
FROM payment p
JOIN agreed c ON c.buyer = p.buyer AND c.supplier = p.supplier
    AND coalesce(p.first >= c.first, true) AND coalesce(p.last <= c.last, true)
JOIN judged j ON j.record = c.record
WHERE p.entry NOT IN (SELECT entry FROM paid_under)
GROUP BY p.entry
HAVING count(DISTINCT c.record) = 1;

UPDATE numbered SET contract = p.record FROM paid_under p WHERE p.entry = numbered.entry;

CREATE TEMP TABLE met AS
SELECT DISTINCT iri FROM (
    SELECT buyer AS iri FROM pair UNION SELECT supplier FROM pair UNION SELECT stated_buyer FROM pair
    UNION SELECT stated_supplier FROM pair UNION SELECT owner FROM holding UNION SELECT owned FROM holding
) WHERE iri IS NOT NULL;

-- Parties that doubtful merges would make one are numbered by the one that stands for them, else by the first of them.
INSERT INTO party
WITH ordered AS (
    SELECT row_number() OVER (ORDER BY iri) - 1 AS party, iri,
        coalesce(r.decided, iri) AS refused, coalesce(t.decided, iri) AS taken
    FROM met LEFT JOIN if_refused r ON r.given = iri LEFT JOIN if_taken t ON t.given = iri
)
SELECT o.party, o.iri, coalesce(nullif(n.name, ''), o.iri), coalesce(n.class, 'Agent'), coalesce(n.collective, false), g.region,
    coalesce(r.party, min(o.party) OVER (PARTITION BY o.refused)), coalesce(t.party, min(o.party) OVER (PARTITION BY o.taken))
FROM ordered o LEFT JOIN named n ON n.iri = o.iri LEFT JOIN region g ON g.iri = o.iri
LEFT JOIN ordered r ON r.iri = o.refused LEFT JOIN ordered t ON t.iri = o.taken
ORDER BY o.party;
DROP TABLE met;

INSERT INTO thing
SELECT row_number() OVER (ORDER BY iri) - 1, iri, name, is_place, iri IN (SELECT iri FROM wide)
FROM (
    SELECT iri, coalesce(nullif(max(name), ''), iri) AS name, bool_or(is_place) AS is_place
    FROM (
        SELECT iri, name, is_place FROM concept
        UNION ALL SELECT unnest(services), '', false FROM numbered
        UNION ALL SELECT unnest(places), '', true FROM numbered
        UNION ALL SELECT place, '', true FROM area
    )
    GROUP BY iri
)
ORDER BY iri;

INSERT INTO under
SELECT DISTINCT * FROM (
    SELECT thing, thing AS broader FROM thing
    UNION ALL
    SELECT n.thing, b.thing FROM broad JOIN thing n ON n.iri = narrow JOIN thing b ON b.iri = broad.broad
)
ORDER BY ALL;

INSERT INTO mark
SELECT row_number() OVER (ORDER BY sector, size, lot, vat) - 1, * FROM (SELECT DISTINCT sector, size, lot, vat FROM numbered)
WHERE sector IS NOT NULL OR size IS NOT NULL OR lot IS NOT NULL OR vat IS NOT NULL;
CREATE TEMP TABLE marked AS
SELECT entry, m.mark FROM (
    SELECT * FROM numbered WHERE sector IS NOT NULL OR size IS NOT NULL OR lot IS NOT NULL OR vat IS NOT NULL
) n JOIN mark m ON m.sector IS NOT DISTINCT FROM n.sector AND m.size IS NOT DISTINCT FROM n.size
    AND m.lot IS NOT DISTINCT FROM n.lot AND m.vat IS NOT DISTINCT FROM n.vat;

INSERT INTO edge
WITH located AS (
    SELECT p.*, e.record, e.nth_record, e.kind, e.planned, e.first, e.last, e.currency, e.guard, e.payments, e.typed, m.mark,
        CASE WHEN len(e.services) = 0 THEN [NULL] ELSE e.services END AS services,
        CASE WHEN len(e.places) > 0 THEN e.places ELSE coalesce(a.places, [NULL]) END AS places,
        allotted(e.value_e4, nth, nth + 1, n) AS amount_e4
    FROM pair p
    JOIN numbered e USING (entry)
    LEFT JOIN marked m USING (entry)
    LEFT JOIN (SELECT party, list(place ORDER BY place) AS places FROM area GROUP BY party) a ON a.party = p.buyer
), typed AS (
    SELECT *, unnest(services) AS service, generate_subscripts(services, 1) - 1 AS i FROM located
), cell AS (
    SELECT *, unnest(places) AS place, generate_subscripts(places, 1) - 1 + i * len(places) AS cell_at,
        len(services) * len(places) AS cells
    FROM typed
)
SELECT c.entry, c.kind, c.planned, b.party, s.party, sb.party, ss.party, t.thing, l.thing, c.first, c.last,
    allotted(amount_e4, cell_at, cell_at + 1, cells), 1.0 / n / cells, c.currency, c.guard,
    coalesce(k.certainty, 'asserted'), b.collective OR coalesce(s.collective, false), c.payments, c.nth_record, c.typed, c.mark
FROM cell c
JOIN party b ON b.iri = c.buyer
LEFT JOIN party s ON s.iri = c.supplier
JOIN party sb ON sb.iri = c.stated_buyer
LEFT JOIN party ss ON ss.iri = c.stated_supplier
LEFT JOIN thing t ON t.iri = c.service
LEFT JOIN thing l ON l.iri = c.place
LEFT JOIN (SELECT record, max(certainty) AS certainty FROM evidence GROUP BY record) k ON k.record = c.record
-- In the order of what each is part of, so that a page of a table is one stretch of it and of `entry`.
ORDER BY c.entry, b.party, s.party, c.cell_at;

INSERT INTO entry
SELECT e.entry, e.record, e.kind, e.planned, e.label, e.source, e.contract, e.first, e.last, e.value_e4, e.currency, e.guard,
    coalesce(k.certainty, 'asserted'), e.services, e.places, coalesce(k.claims, []), coalesce(k.documents, []), e.payments, e.reported_by,
    e.file_row, e.payer, e.payee, e.department, e.category, e.latest, e.typed, m.mark
FROM numbered e
LEFT JOIN marked m USING (entry)
LEFT JOIN (
    SELECT record, max(certainty) AS certainty, list(DISTINCT claim ORDER BY claim) AS claims,
        list(DISTINCT document ORDER BY document) AS documents
    FROM evidence GROUP BY record
) k USING (record)
WHERE e.entry IN (SELECT entry FROM edge)
ORDER BY e.entry;
