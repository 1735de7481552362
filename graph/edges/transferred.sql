-- Payments of sources from one public body to another, or to itself: how many, and what they come to.
SELECT guard, count(*), coalesce(sum(value_e4) FILTER (currency = 'GBP'), 0) FROM entry
WHERE guard IN ('public-transfer', 'paid-to-itself') AND kind = 'spend' AND list_contains($sources, source)
GROUP BY guard ORDER BY guard;
