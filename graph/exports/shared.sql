-- The pairs of `sharing.sql` by IRI, in their order.
SELECT o.iri, t.iri, shared, of_one, of_other
FROM sharing JOIN party o ON o.party = one JOIN party t ON t.party = other
ORDER BY 1, 2;
