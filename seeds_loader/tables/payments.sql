-- Payments from rows as they were staged. `$guards` are the reasons that rows have by number, `$nameless` those that say that a
-- row names nobody who may be named; with `$guarded_too` a row that does not count has its service types as well.
CREATE TABLE payment AS
SELECT *, CASE WHEN nameless THEN '' ELSE supplier_key END AS supplier, CASE WHEN has_types THEN services_told ELSE '' END AS services,
    CASE WHEN has_types THEN typed_told ELSE 'asserted' END AS typed
FROM (
    SELECT file_row, DATE '1970-01-01' + p.first AS first, DATE '1970-01-01' + p.last AS last,
        (coalesce(h.amount::DECIMAL(32, 0), p.amount::DECIMAL(32, 0)) * 0.000001::DECIMAL(6, 6))::DECIMAL(38, 4) AS value,
        $guards[guard] AS guard, coalesce(list_contains($nameless, $guards[guard]), false) AS nameless,
        guard = 0 OR $guarded_too AS has_types,
        purchase, buyer, q.supplier AS supplier_key, q.services AS services_told, q.typed AS typed_told,
        size, vat, currency, sector, lot
    FROM paid p JOIN purchase q USING (purchase) LEFT JOIN huge h USING (file_row)
);

-- What is paid between two in a month, of one kind. Its key is a hash of all that tells it from others, of `$source` too.
CREATE TABLE spend AS
SELECT *, 'spend/' || sha256(concat_ws(
    chr(31), $source, buyer, supplier, month, nullif(replace(services, ' ', chr(31)), ''), coalesce(guard, ''),
    typed, size, vat, currency, sector, lot
))[:20] AS record
FROM (
    SELECT buyer, supplier, strftime(first, '%Y-%m') AS month, services, guard, typed, size, vat, currency, sector, lot,
        sum(value) AS amount, count(*) AS payments, list(file_row ORDER BY file_row) AS file_rows
    FROM payment GROUP BY buyer, supplier, month, services, guard, typed, size, vat, currency, sector, lot
);
