-- Who else provides the service type of each hit, or one under it, by the rows of a scope: to the same customer, to anybody in a
-- region of its places, and to anybody; how many, and the names of the first. Too wide a place is not a region.
WITH hit AS (
    SELECT unnest($numbers::INTEGER[]) AS number, unnest($services::INTEGER[]) AS service, unnest($buyers::VARCHAR[]) AS buyer,
        unnest($places::INTEGER[][]) AS places
), region AS (
    SELECT u.thing AS place, u.broader AS region FROM under u JOIN thing t ON t.thing = u.broader WHERE NOT t.wide
), found AS (
    SELECT DISTINCT u.broader AS service, b.iri AS buyer, {'iri': s.iri, 'name': s.name} AS supplier, place
    FROM scoped
    JOIN party b ON b.party = buyer
    JOIN party s ON s.party = supplier
    JOIN under u ON u.thing = service
    WHERE guard IS NULL AND NOT s.collective AND NOT list_contains($failed, s.iri) AND list_contains($services, u.broader)
), of_buyer AS (
    SELECT service, buyer, list_sort(list(DISTINCT supplier)) AS suppliers FROM found GROUP BY ALL
), of_region AS (
    SELECT service, region, list(DISTINCT supplier) AS suppliers FROM found JOIN region USING (place) GROUP BY ALL
), anywhere AS (
    SELECT service, list_sort(list(DISTINCT supplier)) AS suppliers FROM found GROUP BY ALL
), placed AS (
    SELECT DISTINCT number, service, region FROM (SELECT number, service, unnest(places) AS place FROM hit) JOIN region USING (place)
), near AS (
    SELECT number, list_sort(list_distinct(flatten(list(suppliers)))) AS suppliers
    FROM placed JOIN of_region USING (service, region) GROUP BY number
)
SELECT number, coalesce(len(of_buyer.suppliers), 0) AS others_of_buyer, coalesce(len(near.suppliers), 0) AS others_in_region,
    coalesce(len(anywhere.suppliers), 0) AS others_anywhere,
    coalesce(array_to_string([one.name FOR one IN coalesce(of_buyer.suppliers, near.suppliers, anywhere.suppliers)[:$named]], '; '), '')
        AS others
FROM hit
LEFT JOIN of_buyer USING (service, buyer)
LEFT JOIN near USING (number)
LEFT JOIN anywhere USING (service);
