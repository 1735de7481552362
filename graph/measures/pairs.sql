-- What each buyer gives to each supplier of a scope: what counts and is above zero.
SELECT any_value(b.iri), any_value(s.iri), sum(weight)
FROM scoped JOIN party b ON b.party = buyer JOIN party s ON s.party = supplier
WHERE left_out IS NULL
GROUP BY buyer, supplier HAVING sum(weight) > 0 ORDER BY buyer, supplier;
