-- What the edge table is made from. `given` has a row for each statement of a record: by a source's own rows, or by what a
-- store says of it. Everything is by IRI. `refs` are as `civicgraph.graph.records.rows` has them.
CREATE TEMP TABLE given (
    record VARCHAR, planned BOOLEAN, kind KIND, buyers VARCHAR[], suppliers VARCHAR[], first DATE, last DATE,
    value_e4 BIGINT, currency VARCHAR, guard VARCHAR, services VARCHAR[], places VARCHAR[], label VARCHAR, source VARCHAR,
    contract VARCHAR, payments INTEGER, reported_by VARCHAR, published DATE, file_row INTEGER, payer VARCHAR, payee VARCHAR, department VARCHAR, category VARCHAR,
    latest DATE, refs VARCHAR[], typed CERTAINTY, sector VARCHAR, size VARCHAR, lot VARCHAR, vat VARCHAR
);
CREATE TEMP TABLE canonical (given VARCHAR, decided VARCHAR);
CREATE TEMP TABLE renamed (given VARCHAR, decided VARCHAR);
-- Contracts that a person has judged the payments of their buyer to their supplier to be under, while they run.
CREATE TEMP TABLE judged (record VARCHAR);
CREATE TEMP TABLE if_refused (given VARCHAR, decided VARCHAR);
CREATE TEMP TABLE if_taken (given VARCHAR, decided VARCHAR);
CREATE TEMP TABLE named (iri VARCHAR, name VARCHAR, class VARCHAR, collective BOOLEAN, public BOOLEAN);
CREATE TEMP TABLE concept (iri VARCHAR, name VARCHAR, is_place BOOLEAN);
CREATE TEMP TABLE area (party VARCHAR, place VARCHAR);
CREATE TEMP TABLE region (iri VARCHAR, region VARCHAR);
CREATE TEMP TABLE broad (narrow VARCHAR, broad VARCHAR);
CREATE TEMP TABLE wide (iri VARCHAR);
CREATE TEMP TABLE evidence (record VARCHAR, claim VARCHAR, certainty CERTAINTY, document VARCHAR);
-- Answers of the queries of these names, as they are; the tables above are made of them.
CREATE TEMP TABLE fact (record VARCHAR, property VARCHAR, value VARCHAR);
CREATE TEMP TABLE names (thing VARCHAR, label VARCHAR, class VARCHAR);
CREATE TEMP TABLE superclasses (class VARCHAR, broader VARCHAR);
CREATE TEMP TABLE areas (party VARCHAR, place VARCHAR);
CREATE TEMP TABLE regions (organisation VARCHAR, level VARCHAR, region VARCHAR);
-- As stated: what is not a day is told by `civicgraph check`.
CREATE TEMP TABLE held (owner VARCHAR, owned VARCHAR, controls VARCHAR, share VARCHAR, since VARCHAR, until VARCHAR);
