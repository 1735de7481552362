-- The edge table of a snapshot: who buys from whom, by what, when, for how much, and who says so.
--
-- Money is in ten-thousandths of a currency's unit (columns that end in `_e4`): whole numbers, so that sums are exact in
-- any order. A day that is not known is NULL, as is a supplier that a record does not name.

CREATE TYPE KIND AS ENUM ('service', 'contract', 'spend');
CREATE TYPE CERTAINTY AS ENUM ('asserted', 'reported', 'speculative');

-- What the table is of.
CREATE TABLE about (format INTEGER, as_of DATE);

-- Everybody who buys, supplies or belongs to a group, in the order of their IRIs. `if_refused` and `if_taken` number the
-- party that each, as records name it, would be if every doubtful merge of names were refused, or taken.
CREATE TABLE party (
    party INTEGER, iri VARCHAR, name VARCHAR, class VARCHAR, collective BOOLEAN, region VARCHAR,
    if_refused INTEGER, if_taken INTEGER
);

-- All that organisations are called: labels, other names, identifiers; who is not a party of an edge too.
CREATE TABLE called (iri VARCHAR, name VARCHAR);

-- Service types and places, and what each lies under: itself, and everything broader. `wide` places are not a region.
CREATE TABLE thing (thing INTEGER, iri VARCHAR, name VARCHAR, is_place BOOLEAN, wide BOOLEAN);
CREATE TABLE under (thing INTEGER, broader INTEGER);

-- Who holds what part of whom, between which days.
CREATE TABLE holding (owner VARCHAR, owned VARCHAR, controls BOOLEAN, share VARCHAR, starts DATE, ends DATE);

-- A service, a contract, or a payment. `record` is the IRI that evidence hangs on; of a payment that of the sum it is part
-- of. `services` and `places` are as stated; `value_e4` is the whole amount, `payments` how many payments it stands for where
-- only their sum is known; `file_row` is the row of the file it was read from. `contract` is the one that a service or a payment
-- is under; `latest` the last day to which a contract can be extended. `reported_by` is `payments` of who paid, or `sales` that
-- who was paid declared; `mark` is what the file says besides.
CREATE TABLE entry (
    entry INTEGER, record VARCHAR, kind KIND, planned BOOLEAN, label VARCHAR, source VARCHAR, contract VARCHAR,
    first DATE, last DATE, value_e4 BIGINT, currency VARCHAR, guard VARCHAR, certainty CERTAINTY,
    services VARCHAR[], places VARCHAR[], claims VARCHAR[], documents VARCHAR[], payments INTEGER, reported_by VARCHAR,
    file_row INTEGER, payer VARCHAR, payee VARCHAR, department VARCHAR, category VARCHAR, latest DATE,
    typed CERTAINTY, mark INTEGER
);

-- What files say of their rows beside who paid whom: the buyer's sector, the supplier's size (`SME` or `Large`), the
-- framework's lot, and whether money is `net` or `gross` of value-added tax.
CREATE TABLE mark (mark INTEGER, sector VARCHAR, size VARCHAR, lot VARCHAR, vat VARCHAR);

-- One row for each buyer, supplier, service type and place of an entry, with its part of the amount and of the entry: the
-- parts of an entry add up to the whole, and an entry of one row has the part 1. `stated_*` are the parties as the record
-- names them; `nth_record` numbers the records, of which payments share one; `typed` is how certain the service types are,
-- NULL where they are as certain as the rest.
CREATE TABLE edge (
    entry INTEGER, kind KIND, planned BOOLEAN, buyer INTEGER, supplier INTEGER,
    stated_buyer INTEGER, stated_supplier INTEGER, service INTEGER, place INTEGER,
    first DATE, last DATE, amount_e4 BIGINT, part DOUBLE, currency VARCHAR, guard VARCHAR, certainty CERTAINTY,
    collective BOOLEAN, payments INTEGER, nth_record INTEGER, typed CERTAINTY, mark INTEGER
);

-- Contracts of different sources that may be one and are two until a person judges them, by their IRIs.
CREATE TABLE maybe_same (record VARCHAR, other VARCHAR);

-- How much of an amount falls to the first of n equal parts up to i, in whole pence but for the last: what falls to one
-- run of parts and to the next adds up exactly.
CREATE MACRO allotted_to(amount, i, n) AS
    CASE WHEN i >= n THEN amount ELSE CAST(((CAST(amount AS HUGEINT) * i) // n) // 100 * 100 AS BIGINT) END;
CREATE MACRO allotted(amount, i, j, n) AS allotted_to(amount, j, n) - allotted_to(amount, i, n);
