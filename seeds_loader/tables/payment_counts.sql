-- How many rows of a month have a guard, a currency and a certainty of types or none, what they come to, and the latest day.
SELECT strftime(first, '%Y-%m') AS month, guard, currency, CASE WHEN services <> '' THEN typed END AS told,
    count(*), sum(value), max(first)
FROM payment GROUP BY month, guard, currency, told ORDER BY month, guard, currency, told
