-- The edges of a network, from the rows that a query such as `counted.sql` has kept.
--
-- Spells are the days of an edge, those that overlap or touch as one, from year 1 or to year 9999 where a bound is open;
-- what has no day, or ends before it begins, has none. Years hold the money of payments by the year in which they begin.
WITH part AS (
    SELECT edge, entry, any_value(payments) AS payments, any_value(first) AS first, any_value(last) AS last
    FROM counted GROUP BY edge, entry
), whole AS (
    SELECT edge, any_value(source) AS source, any_value(target) AS target, any_value(kind) AS kind,
        CAST(sum(amount_e4) AS BIGINT) AS amount_e4, coalesce(sum(weight), 0) AS weight,
        min(first) AS first, max(last) AS last, max(certainty) AS certainty
    FROM counted GROUP BY edge
), counts AS (
    SELECT edge, CAST(sum(payments) AS INTEGER) AS count FROM part GROUP BY edge
), typed AS (
    SELECT edge, list(DISTINCT name ORDER BY name) AS services FROM counted JOIN thing ON thing = service GROUP BY edge
), placed AS (
    SELECT edge, list(DISTINCT name ORDER BY name) AS places FROM counted JOIN thing ON thing = place GROUP BY edge
), said AS (
    SELECT edge, CAST(count(DISTINCT document) AS INTEGER) AS documents
    FROM part JOIN (SELECT entry, unnest(documents) AS document FROM entry) USING (entry)
    GROUP BY edge
), dated AS (
    SELECT DISTINCT edge, coalesce(first, DATE '0001-01-01') AS since, coalesce(last, DATE '9999-12-31') AS until
    FROM part WHERE coalesce(first, last) IS NOT NULL AND since <= until
), reached AS (
    SELECT *, max(until) OVER (
        PARTITION BY edge ORDER BY since, until ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before
    FROM dated
), stretch AS (
    SELECT *, count(*) FILTER (before IS NULL OR since > before + 1) OVER (
        PARTITION BY edge ORDER BY since, until ROWS UNBOUNDED PRECEDING
    ) AS nth
    FROM reached
), spell AS (
    SELECT edge, list([since, until] ORDER BY since) AS spells
    FROM (SELECT edge, min(since) AS since, max(until) AS until FROM stretch GROUP BY edge, nth)
    GROUP BY edge
), yearly AS (
    SELECT edge, list([year, amount_e4] ORDER BY year) AS years
    FROM (
        SELECT edge, year(coalesce(first, last)) AS year, CAST(sum(amount_e4) AS BIGINT) AS amount_e4
        FROM counted WHERE kind = 'spend' AND amount_e4 IS NOT NULL AND coalesce(first, last) IS NOT NULL GROUP BY ALL
    )
    GROUP BY edge
)
SELECT source, target, CAST(kind AS VARCHAR), amount_e4, count, weight, first, last, coalesce(spells, []), coalesce(years, []),
    coalesce(services, []), coalesce(places, []), CAST(certainty AS VARCHAR), coalesce(documents, 0)
FROM whole
JOIN counts USING (edge)
LEFT JOIN typed USING (edge)
LEFT JOIN placed USING (edge)
LEFT JOIN said USING (edge)
LEFT JOIN spell USING (edge)
LEFT JOIN yearly USING (edge)
ORDER BY source, target, CAST(kind AS VARCHAR);
