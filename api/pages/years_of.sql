-- The years in which something of a party begins or ends, the newest first, and those from April in which they lie.
SELECT DISTINCT year(day) AS y, year(day - INTERVAL 3 MONTH) AS from_april
FROM (
    SELECT unnest([first, last]) AS day FROM edge JOIN party ON party = CASE WHEN $is_buyer THEN buyer ELSE supplier END
    WHERE iri = $party AND guard IS NULL AND NOT planned
)
WHERE day IS NOT NULL
ORDER BY y DESC, from_april DESC;
