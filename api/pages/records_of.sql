-- Established services or contracts of a buyer, of a supplier, or between two, those that end last first.
SELECT record, edge.kind::VARCHAR, other.iri, other.name
FROM edge
JOIN entry USING (entry)
JOIN party b ON b.party = edge.buyer
LEFT JOIN party s ON s.party = edge.supplier
LEFT JOIN party other ON other.party = CASE WHEN $buyer IS NULL THEN edge.buyer ELSE edge.supplier END
WHERE NOT edge.planned AND list_contains($kinds, edge.kind::VARCHAR)
    AND ($buyer IS NULL OR b.iri = $buyer) AND ($supplier IS NULL OR s.iri = $supplier)
GROUP BY record, edge.kind, other.iri, other.name
ORDER BY edge.kind, max(edge.last) DESC NULLS LAST, other.iri, record
LIMIT $size OFFSET $skip;
