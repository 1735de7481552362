-- A text as a cell of CSV, as Python's csv writes it; what a spreadsheet would take for a formula begins with an apostrophe.
CREATE OR REPLACE TEMP MACRO csv_quoted(cell) AS
    CASE WHEN regexp_matches(cell, '[",\r\n]') THEN '"' || replace(cell, '"', '""') || '"' ELSE cell END;
CREATE OR REPLACE TEMP MACRO csv_text(cell) AS
    coalesce(csv_quoted(CASE WHEN regexp_matches(cell, '^[-=+@\t\r]') THEN '''' || cell ELSE cell END), '');
