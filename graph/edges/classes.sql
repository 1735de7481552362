-- The classes of whoever may buy or supply, and of places and service types; not those that say what somebody does and not what they are.
WITH root AS (
    SELECT unnest(['Agent', 'Place', 'ServiceType']) AS name
), wanted AS (
    SELECT $terms || name AS class FROM root
    UNION SELECT class FROM superclasses JOIN root ON broader = $terms || name
)
FROM wanted WHERE class NOT IN ($terms || 'Supplier', $terms || 'Buyer') ORDER BY class;
