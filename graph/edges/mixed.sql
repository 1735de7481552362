-- The kinds of rows of a scope of which some amounts that would count are known to be with value-added tax, and others without.
SELECT kind::VARCHAR
FROM cells_in_scope JOIN mark USING (mark)
WHERE left_out IS NULL AND vat IS NOT NULL
GROUP BY kind HAVING count(DISTINCT vat) > 1 ORDER BY ALL;
