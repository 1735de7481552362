-- How many buy, and how many supply, in each place, by what nothing guards: `$within` takes in the places that lie in it.
SELECT t.iri, count(DISTINCT buyer), count(DISTINCT supplier)
FROM (SELECT DISTINCT place, buyer, supplier FROM edge WHERE NOT planned AND guard IS NULL AND supplier IS NOT NULL) e
JOIN under u ON u.thing = e.place AND ($within OR u.broader = u.thing)
JOIN thing t ON t.thing = u.broader
GROUP BY t.iri
ORDER BY t.iri;
