-- The sums of payments from one public body to another, or to itself.
SELECT DISTINCT record, guard FROM entry
WHERE guard IN ('public-transfer', 'paid-to-itself') AND kind = 'spend' AND source IS NOT NULL
ORDER BY ALL;
