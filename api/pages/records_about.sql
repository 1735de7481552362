-- Established services and contracts of a service type or of those in a place, by the names of buyer and supplier.
SELECT record, edge.kind::VARCHAR AS kind, b.iri AS buyer_iri, b.name AS buyer, s.iri AS supplier_iri, s.name AS supplier
FROM edge
JOIN entry USING (entry)
JOIN party b ON b.party = edge.buyer
JOIN party s ON s.party = edge.supplier
JOIN thing t ON t.thing = CASE WHEN t.is_place THEN edge.place ELSE edge.service END
WHERE t.iri = $about AND edge.kind <> 'spend' AND NOT edge.planned
GROUP BY record, edge.kind, b.iri, b.name, s.iri, s.name
ORDER BY b.name, s.name, record
LIMIT $size OFFSET $skip;
