-- The months of which money is reported between two parties, the newest first.
SELECT record
FROM edge
JOIN entry USING (entry)
JOIN party b ON b.party = edge.buyer
JOIN party s ON s.party = edge.supplier
WHERE edge.kind = 'spend' AND NOT edge.planned AND b.iri = $buyer AND s.iri = $supplier
GROUP BY record
ORDER BY max(edge.first) DESC, record
LIMIT $size;
