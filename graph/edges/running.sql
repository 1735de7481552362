-- Who has a contract that runs on a day with whom, by records: what is stated is told by a rule of the ontology.
SELECT DISTINCT b.iri, s.iri
FROM edge JOIN entry USING (entry) JOIN party b ON b.party = buyer JOIN party s ON s.party = supplier
WHERE edge.kind = 'contract' AND edge.guard IS NULL AND entry.source IS NOT NULL
    AND edge.first <= $day AND edge.last >= $day
ORDER BY ALL;
