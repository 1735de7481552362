-- The rows of one table of payments as they are read: numbers alone, and what many rows have alike apart from them. Amounts
-- are in millionths of a pound, days are counted from 1970; an amount beyond what a BIGINT holds stands in `huge`.
CREATE TABLE paid (file_row INTEGER, first INTEGER, last INTEGER, amount BIGINT, purchase INTEGER, guard INTEGER);
CREATE TABLE huge (file_row INTEGER, amount VARCHAR);
CREATE TABLE purchase (
    purchase INTEGER, buyer VARCHAR, supplier VARCHAR, payer VARCHAR, payee VARCHAR, department VARCHAR, category VARCHAR,
    refs VARCHAR, services VARCHAR, typed VARCHAR, sector VARCHAR, size VARCHAR, lot VARCHAR, vat VARCHAR, currency VARCHAR
);
