-- From the texts of a table of payments to what was paid. `cell` has the texts of each row; each text is read once, by functions
-- of Python, however many rows have it. Amounts are in millionths of a pound; of most files nearly every amount is another, and
-- reads as it stands by `$plain`.
CREATE TABLE amount AS
SELECT *, CASE
    WHEN $in_pounds AND vat = '' AND regexp_full_match(amount, $plain)
    THEN {'millionths': (amount::DECIMAL(21, 6) * 1000000)::HUGEINT, 'fault': NULL}
    ELSE told_amount(amount, vat)
END AS told
FROM (SELECT DISTINCT amount, vat FROM cell);

CREATE TABLE day AS
SELECT *, told_date(date, month) AS told, sums_others(date) OR sums_others(month) AS sums FROM (SELECT DISTINCT date, month FROM cell);

-- Who paid whom for what: what many rows have alike, as texts and as what they say.
CREATE TABLE shared AS
SELECT row_number() OVER () AS purchase, * FROM (
    SELECT DISTINCT buyer, supplier, company_number, charity_number, what, department, reference, sector, size, lot, currency FROM cell
);

CREATE TABLE purchase AS
WITH payers AS (SELECT *, told_payer(buyer) AS payer FROM (SELECT DISTINCT buyer FROM shared)),
payees AS MATERIALIZED (
    SELECT *, told_payee(supplier, company_number, charity_number) AS payee
    FROM (SELECT DISTINCT supplier, company_number, charity_number FROM shared)
),
purposes AS (
    SELECT *, told_purpose(what, department, reference) AS purpose FROM (SELECT DISTINCT what, department, reference FROM shared)
),
marked AS (
    SELECT *, told_marks(sector, size, lot, currency) AS marks FROM (SELECT DISTINCT sector, size, lot, currency FROM shared)
),
told AS MATERIALIZED (
    SELECT purchase, payer, payee, purpose, marks
    FROM shared JOIN payers USING (buyer) JOIN payees USING (supplier, company_number, charity_number)
    JOIN purposes USING (what, department, reference) JOIN marked USING (sector, size, lot, currency)
),
typed AS (
    SELECT *, told_services(what, name, department) AS services, sums_others(what) OR sums_others(department) AS sums
    FROM (SELECT DISTINCT purpose.what AS what, payee.name AS name, purpose.department AS department FROM told)
)
SELECT told.*, services, sums AND name = '' AS may_sum, coalesce(marks.fault, payer.fault) AS fault,
    coalesce(payee.reason, CASE WHEN payee.total_of IN (SELECT payee.name FROM payees) THEN 'total' END) AS reason
FROM told JOIN typed ON typed.what = purpose.what AND typed.name = payee.name AND typed.department = purpose.department;

CREATE TABLE paid AS
SELECT file_row, purchase, amount.told.millionths AS amount, coalesce(apart.day::DATE, day.told.first) AS first,
    coalesce(apart.day::DATE, day.told.last) AS last, coalesce(amount.told.fault, purchase.fault) AS fault,
    CASE WHEN apart.day IS NULL THEN day.told.fault END AS undated, may_sum OR (sums AND payee.name = '') AS may_sum
FROM cell JOIN amount USING (amount, vat) JOIN day USING (date, month)
JOIN shared USING (buyer, supplier, company_number, charity_number, what, department, reference, sector, size, lot, currency)
JOIN purchase USING (purchase)
LEFT JOIN apart USING (file_row);
DROP TABLE cell;

-- A row that sums others often has no day: one without has that of the row before it, and is rejected unless it sums.
UPDATE paid SET first = before.first, last = before.last
FROM (
    SELECT here.file_row, dated.first, dated.last
    FROM (FROM paid WHERE undated IS NOT NULL AND fault IS NULL) here
    ASOF JOIN (FROM paid WHERE undated IS NULL AND fault IS NULL) dated ON here.file_row >= dated.file_row
) before
WHERE before.file_row = paid.file_row;

-- The first reason why a row counts in no share. Where it is NULL the amount may still be the sum of rows before it.
CREATE TABLE judged AS
SELECT file_row, purchase, amount, first, last, undated, reason, CASE
    WHEN amount = 0 THEN 'zero-amount'
    WHEN abs(amount) > $most THEN 'absurd-amount'
    WHEN first NOT BETWEEN $earliest AND $latest THEN 'absurd-date'
    WHEN reason = 'total' OR (paid.may_sum AND undated IS NOT NULL) THEN 'total'
END AS firm
FROM paid JOIN purchase USING (purchase) WHERE paid.fault IS NULL AND first IS NOT NULL;
