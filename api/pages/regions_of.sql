-- The region that each of some places lies in: one that is not among them, rather within a country than the country itself,
-- and rather that of many than a county or a combined authority, which only some places are in.
WITH above AS (
    SELECT n.iri AS place, b.iri, b.name, count(*) OVER (PARTITION BY b.iri) AS members,
        EXISTS (SELECT 1 FROM under a WHERE a.thing = b.thing AND a.broader <> a.thing) AS is_within
    FROM under u JOIN thing n ON n.thing = u.thing JOIN thing b ON b.thing = u.broader
    WHERE u.thing <> u.broader AND n.is_place AND list_contains($places, n.iri) AND NOT list_contains($places, b.iri)
)
SELECT DISTINCT ON (place) place, iri, name FROM above ORDER BY place, is_within DESC, members DESC, iri DESC;
