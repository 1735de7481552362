-- Payments from rows that were judged. `summed` are rows that are the sum of others; `$sales` says that suppliers declare them: what
-- is negative corrects a sale then, and a row that does not count has its service types as well. `$nameless` are the reasons that
-- say that a row names nobody who may be named.
CREATE TABLE payment AS
SELECT file_row, j.first, j.last, (amount::DECIMAL(32, 0) * 0.000001::DECIMAL(6, 6))::DECIMAL(38, 4) AS value, j.guard, nameless,
    purchase, payer.key AS buyer, CASE WHEN nameless THEN '' ELSE payee.key END AS supplier,
    CASE WHEN j.guard IS NULL OR $sales THEN q.services.services ELSE '' END AS services,
    CASE WHEN j.guard IS NULL OR $sales THEN q.services.typed ELSE 'asserted' END AS typed,
    marks.size AS size, marks.currency AS currency, marks.sector AS sector, marks.lot AS lot
FROM (
    SELECT *, coalesce(list_contains($nameless, guard), false) AS nameless FROM (
        SELECT judged.*, CASE
            WHEN firm IS NOT NULL THEN firm
            WHEN summed.file_row IS NOT NULL THEN 'total'
            WHEN $sales THEN nullif(reason, 'public-transfer')
            WHEN reason IS NULL AND amount < $refund THEN 'refund'
            ELSE reason
        END AS guard
        FROM judged LEFT JOIN summed USING (file_row)
    )
) j JOIN purchase q USING (purchase)
WHERE undated IS NULL OR j.guard = 'total'
ORDER BY file_row;

-- What is paid between two in a month, of one kind. Its key is a hash of all that tells it from others, of `$source` too.
CREATE TABLE spend AS
SELECT *, 'spend/' || sha256(concat_ws(
    chr(31), $source, buyer, supplier, month, nullif(replace(services, ' ', chr(31)), ''), coalesce(guard, ''),
    typed, size, $vat, currency, sector, lot
))[:20] AS record
FROM (
    SELECT buyer, supplier, strftime(first, '%Y-%m') AS month, services, guard, typed, size, currency, sector, lot,
        sum(value) AS amount, count(*) AS payments, list(file_row ORDER BY file_row) AS file_rows
    FROM payment GROUP BY buyer, supplier, month, services, guard, typed, size, currency, sector, lot
);
