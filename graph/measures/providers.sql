-- Who provides which service type to whom and where, by rows of a scope.
SELECT DISTINCT b.iri AS buyer, s.iri AS supplier, s.name, service, place
FROM scoped
JOIN party b ON b.party = buyer
JOIN party s ON s.party = supplier
WHERE guard IS NULL AND NOT s.collective AND service IS NOT NULL AND NOT list_contains($failed, s.iri)
ORDER BY ALL;
