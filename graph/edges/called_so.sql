-- All names of organisations, or those that may be written so: each with its part in edges, 0 for who supplies and 1 for who buys.
-- First come the own names of those in edges, then all that anybody is called.
WITH role AS (
    SELECT party, min(role) AS role FROM (SELECT supplier AS party, 0 AS role FROM edge UNION SELECT buyer, 1 FROM edge) GROUP BY party
), given AS (
    SELECT 0 AS nth, iri, name, role FROM party JOIN role USING (party)
    UNION ALL SELECT 1, iri, called.name, role FROM called LEFT JOIN party USING (iri) LEFT JOIN role USING (party)
)
SELECT iri, name, role FROM given
WHERE lower(name) = $wanted OR ends_with(lower(iri), $wanted) -- if $wanted
ORDER BY nth, role, iri, name;
