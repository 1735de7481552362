-- How many contracts are new, gone or changed in one file of rows against another, and the titles of the first three of each.
CREATE MACRO lines_of(path) AS TABLE
    SELECT line, split_part(line, chr(9), 2) AS record, split_part(line, chr(9), 11) AS title
    FROM read_csv(path, columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '', header = false, auto_detect = false);

SELECT what, count(*), list(title ORDER BY title)[:3]
FROM (
    SELECT coalesce(a.title, b.title) AS title,
        CASE WHEN b.line IS NULL THEN 'new' WHEN a.line IS NULL THEN 'gone' WHEN a.line <> b.line THEN 'changed' END AS what
    FROM lines_of($after) a FULL JOIN lines_of($before) b USING (record)
)
WHERE what IS NOT NULL GROUP BY what;
