-- Payments from rows that were judged. `summed` are rows that are the sum of others; `$sales` says that suppliers declare them: what
-- is negative corrects a sale then, and a row that does not count has its service types as well. `$nameless` are the reasons that
-- say that a row names nobody who may be named. Rows hold numbers alone: texts are those of their purchase.
CREATE TABLE payment AS
SELECT file_row, first, last, (amount::DECIMAL(32, 0) * 0.000001::DECIMAL(6, 6))::DECIMAL(38, 4) AS value, purchase, guard,
    coalesce(list_contains($nameless, guard), false) AS nameless, guard IS NULL OR $sales AS has_types
FROM (
    SELECT judged.*, CASE
        WHEN firm IS NOT NULL THEN firm
        WHEN summed.file_row IS NOT NULL THEN 'total'
        WHEN $sales THEN nullif(reason, 'public-transfer')
        WHEN reason IS NULL AND amount < $refund THEN 'refund'
        ELSE reason
    END AS guard
    FROM judged LEFT JOIN summed USING (file_row)
)
WHERE undated IS NULL OR guard = 'total';

-- What is paid between two in a month, of one kind. Its key is a hash of all that tells it from others, of `$source` too.
CREATE TABLE spend AS
WITH paid AS (
    SELECT purchase, date_trunc('month', first) AS month, guard, nameless, has_types, sum(value) AS amount, list(file_row) AS file_rows
    FROM payment GROUP BY purchase, month, guard, nameless, has_types
)
SELECT *, 'spend/' || sha256(concat_ws(
    chr(31), $source, buyer, supplier, month, nullif(replace(services, ' ', chr(31)), ''), coalesce(guard, ''),
    typed, size, $vat, currency, sector, lot
))[:20] AS record
FROM (
    SELECT payer.key AS buyer, CASE WHEN nameless THEN '' ELSE payee.key END AS supplier, strftime(month, '%Y-%m') AS month,
        CASE WHEN has_types THEN q.services.services ELSE '' END AS services, guard,
        CASE WHEN has_types THEN q.services.typed ELSE 'asserted' END AS typed,
        marks.size AS size, marks.currency AS currency, marks.sector AS sector, marks.lot AS lot,
        sum(amount) AS amount, list_sort(flatten(list(file_rows))) AS file_rows
    FROM paid JOIN purchase q USING (purchase) GROUP BY ALL
);
