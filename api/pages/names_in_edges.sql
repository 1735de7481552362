-- What the service types and places of edges, and all that they lie under, are called.
SELECT DISTINCT name, is_place
FROM thing
WHERE thing IN (
    SELECT broader FROM under WHERE thing IN (SELECT service FROM edge UNION SELECT place FROM edge)
)
ORDER BY name;
