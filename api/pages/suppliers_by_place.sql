-- How many buy, and how many supply, in each place, for how many pounds that count, and the HHI of its suppliers by these, 0 to
-- 10,000: `$within` takes in the places that lie in it.
WITH cell AS (
    SELECT u.broader AS area, buyer, supplier, kind, CASE WHEN left_out IS NULL AND kind <> 'service' THEN amount_e4 END AS amount_e4
    FROM cells_in_scope e
    JOIN under u ON u.thing = e.place AND ($within OR u.broader = u.thing)
    WHERE guard IS NULL AND supplier IS NOT NULL
), paid AS (
    SELECT area, supplier, sum(amount_e4) / 10000 AS pounds FROM cell GROUP BY area, supplier
), hhi AS (
    SELECT area, 10000 * sum(pounds * pounds) / (sum(pounds) * sum(pounds)) AS hhi FROM paid WHERE pounds > 0 GROUP BY area
)
SELECT t.iri, count(DISTINCT buyer), count(DISTINCT supplier), coalesce(sum(amount_e4), 0) / 10000, any_value(hhi)
FROM cell JOIN thing t ON t.thing = area LEFT JOIN hhi USING (area)
GROUP BY t.iri
ORDER BY t.iri;
