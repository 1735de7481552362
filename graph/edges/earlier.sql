-- What an earlier edge table holds, as rows to build the next one from, without the records that have changed.
CREATE TEMP TABLE kept AS SELECT * FROM earlier.entry ANTI JOIN changed USING (record);

INSERT INTO given BY NAME
SELECT k.* EXCLUDE (entry, mark), m.sector, m.size, m.lot, m.vat, b.buyers, coalesce(b.suppliers, []) AS suppliers
FROM (SELECT * EXCLUDE (certainty, claims, documents) FROM kept) k
JOIN (
    SELECT entry, list(DISTINCT sb.iri) AS buyers, list(DISTINCT ss.iri) FILTER (ss.iri IS NOT NULL) AS suppliers
    FROM earlier.edge
    JOIN earlier.party sb ON sb.party = stated_buyer
    LEFT JOIN earlier.party ss ON ss.party = stated_supplier
    GROUP BY entry
) b USING (entry)
LEFT JOIN earlier.mark m USING (mark);

INSERT INTO evidence SELECT record, unnest(claims), certainty, documents[1] FROM kept;
INSERT INTO evidence SELECT record, claims[1], certainty, unnest(documents) FROM kept;

INSERT INTO canonical
SELECT DISTINCT s.iri, p.iri FROM (
    SELECT stated_buyer AS stated, buyer AS decided FROM earlier.edge
    UNION SELECT stated_supplier, supplier FROM earlier.edge
) JOIN earlier.party s ON s.party = stated JOIN earlier.party p ON p.party = decided
WHERE s.iri <> p.iri;

INSERT INTO if_refused SELECT p.iri, o.iri FROM earlier.party p JOIN earlier.party o ON o.party = p.if_refused;
INSERT INTO if_taken SELECT p.iri, o.iri FROM earlier.party p JOIN earlier.party o ON o.party = p.if_taken;
INSERT INTO maybe_same FROM earlier.maybe_same;
DROP TABLE kept;
