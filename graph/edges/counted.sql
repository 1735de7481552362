-- The rows of a scope that are in its network, and the edge that each is part of: that of its kind between the same two.
CREATE OR REPLACE TEMP TABLE counted AS
SELECT dense_rank() OVER (ORDER BY buyer, supplier, kind) AS edge, b.iri AS source, s.iri AS target, kind, entry, service, place, weight,
    payments, first, last, certainty, CASE WHEN currency = $currency AND NOT with_tax THEN amount_e4 END AS amount_e4
FROM scoped JOIN party b ON b.party = buyer JOIN party s ON s.party = supplier
WHERE left_out IS NULL;
