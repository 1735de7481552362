-- How many buy, and how many supply, in each place; what was paid and what was awarded there, in pounds that count; and the
-- HHI of its suppliers, 0 to 10,000, by what was paid, or where nothing was by what was awarded. `$within` takes in the
-- places that lie in it.
WITH cell AS (
    SELECT u.broader AS area, buyer, supplier, kind, CASE WHEN left_out IS NULL THEN amount_e4 END AS amount_e4
    FROM cells_in_scope e
    JOIN under u ON u.thing = e.place AND ($within OR u.broader = u.thing)
    WHERE guard IS NULL AND supplier IS NOT NULL
), pounds AS (
    SELECT area, supplier, kind, sum(amount_e4) / 10000 AS pounds FROM cell
    WHERE kind <> 'service' GROUP BY area, supplier, kind HAVING pounds > 0
), hhi AS (
    SELECT area, arg_max(hhi, kind) AS hhi
    FROM (SELECT area, kind, 10000 * sum(pounds * pounds) / (sum(pounds) * sum(pounds)) AS hhi FROM pounds GROUP BY area, kind)
    GROUP BY area
)
SELECT t.iri, count(DISTINCT buyer) AS buyers, count(DISTINCT supplier) AS suppliers,
    sum(amount_e4) FILTER (kind = 'spend') / 10000 AS paid, sum(amount_e4) FILTER (kind = 'contract') / 10000 AS awarded,
    any_value(hhi) AS hhi
FROM cell JOIN thing t ON t.thing = area LEFT JOIN hhi USING (area)
GROUP BY t.iri
ORDER BY t.iri;
