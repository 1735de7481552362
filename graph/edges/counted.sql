-- The rows of a scope that are in its network, and the edge that each is part of: that of its kind between the same two, or
-- that of its record alone.
CREATE OR REPLACE TEMP TABLE counted AS
SELECT dense_rank() OVER (ORDER BY buyer, supplier, kind, record) AS edge, buyer, supplier, kind,
    entry, record, service, place, weight, payments, first, last, certainty, guard,
    CASE WHEN currency = $currency AND NOT with_tax THEN amount_e4 END AS amount_e4
FROM scoped LEFT JOIN (SELECT entry, record FROM entry WHERE $by_record) USING (entry)
WHERE supplier IS NOT NULL AND (left_out IS NULL OR ($guarded AND guard IS NOT NULL)) AND ($payments OR kind <> 'spend');
