-- How many rows of a month have a guard, a currency and a certainty of types or none, what they come to, and the latest day.
WITH paid AS (
    SELECT purchase, date_trunc('month', first) AS month, guard, has_types, count(*) AS rows, sum(value) AS amount, max(first) AS latest
    FROM payment GROUP BY purchase, month, guard, has_types
)
SELECT strftime(month, '%Y-%m') AS month, guard, marks.currency AS currency,
    CASE WHEN has_types AND q.services.services <> '' THEN q.services.typed END AS told, sum(rows), sum(amount), max(latest)
FROM paid JOIN purchase q USING (purchase)
GROUP BY 1, guard, currency, told ORDER BY 1, guard, currency, told
