-- The narrower service types that figures of a scope are wanted of, each with all that lies under it.
CREATE OR REPLACE TEMP TABLE market AS
SELECT u.thing, u.broader AS market
FROM under u JOIN thing t ON t.thing = u.broader
WHERE $narrower AND NOT t.is_place AND NOT list_contains($services, t.iri)
    AND (len($services) = 0 OR u.broader IN (
        SELECT n.thing FROM under n JOIN thing w ON w.thing = n.broader WHERE list_contains($services, w.iri)
    ));
