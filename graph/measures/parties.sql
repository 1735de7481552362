-- Figures of all suppliers, or of all buyers, of a scope. Money is in ten-thousandths.
CREATE OR REPLACE TEMP TABLE parties AS
WITH counted AS NOT MATERIALIZED (
    SELECT supplier AS own, buyer AS other, * FROM scoped WHERE left_out IS NULL -- if $of_suppliers
    SELECT buyer AS own, supplier AS other, * FROM scoped WHERE left_out IS NULL -- unless $of_suppliers
), pair AS (
    SELECT own, other, any_value(buyer) AS buyer,
        1.0::DOUBLE AS weight -- if $customers
        sum(weight) AS weight -- unless $customers
    FROM counted GROUP BY own, other
), total AS (
    SELECT own, sum(weight) AS total FROM pair GROUP BY own
), whole AS (
    SELECT sum(greatest(total, 0)) AS whole FROM total
), positive AS NOT MATERIALIZED (
    -- No share is negative.
    SELECT * FROM pair WHERE weight > 0
), of_buyer AS (
    SELECT buyer, sum(weight) AS whole FROM positive GROUP BY buyer
), partners AS (
    SELECT own, count(*) AS others, 10000 * sum(weight * weight) / pow(sum(weight), 2) AS hhi, sum(weight) AS known,
        -- Of several that have most it is the first: what is kept is the largest weight and, below it, the smallest number.
        max(round(weight * $digits)::HUGEINT * $apart + ($apart - 1 - other)) AS largest, max(weight) AS top_weight,
        count(*) FILTER (weight / of_buyer.whole >= $dependent) AS dependences
    FROM positive JOIN of_buyer USING (buyer) GROUP BY own
), over_services AS (
    SELECT own, 10000 * sum(weight * weight) / pow(sum(weight), 2) AS hhi
    FROM (SELECT own, service, sum(weight) AS weight FROM counted WHERE service IS NOT NULL GROUP BY own, service)
    WHERE weight > 0 GROUP BY own
), over_places AS (
    SELECT own, 10000 * sum(weight * weight) / pow(sum(weight), 2) AS hhi
    FROM (SELECT own, place, sum(weight) AS weight FROM counted WHERE place IS NOT NULL GROUP BY own, place)
    WHERE weight > 0 GROUP BY own
), soles AS (
    SELECT own, count(*) AS soles
    FROM (
        SELECT any_value(own) AS own FROM counted WHERE service IS NOT NULL
        GROUP BY buyer, service HAVING min(supplier) = max(supplier)
    )
    GROUP BY own
), deal AS NOT MATERIALIZED (
    SELECT own, kind, weight FROM counted WHERE part = 1
    UNION ALL
    SELECT own, any_value(kind), sum(weight) FROM counted WHERE part < 1 GROUP BY own, entry
), deals AS (
    SELECT own, count(*) FILTER (kind = 'contract') AS contracts, count(*) FILTER (weight > 0) AS deals,
        sum(weight * weight) FILTER (weight > 0) / pow(sum(weight) FILTER (weight > 0), 2) AS squares
    FROM deal GROUP BY own
)
SELECT own AS party, round(total / $unit, 6) AS total, CASE WHEN whole > 0 THEN greatest(total, 0) / whole ELSE 0.0 END AS share,
    contracts, coalesce(others, 0) AS others,
    round(partners.hhi, 6) AS hhi_others, round(over_services.hhi, 6) AS hhi_services, round(over_places.hhi, 6) AS hhi_places,
    ($apart - 1 - largest % $apart)::INTEGER AS top, top_weight / known AS top_share, coalesce(dependences, 0) AS dependences,
    coalesce(soles, 0) AS soles,
    CASE WHEN deals > 1 AND squares < 1
        THEN round(pow(least(greatest((1 - partners.hhi / 10000) / (1 - squares), 0), 1), 4), 12) END AS winner_concentration
FROM total
CROSS JOIN whole
LEFT JOIN partners USING (own) LEFT JOIN over_services USING (own) LEFT JOIN over_places USING (own)
LEFT JOIN soles USING (own) LEFT JOIN deals USING (own);
