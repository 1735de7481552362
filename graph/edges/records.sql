-- Rows of the edge table from a file of records' own rows; see `civicgraph.graph.records.rows`.
INSERT INTO given BY NAME
SELECT CASE WHEN contains(record, '://') THEN record ELSE $base || record END AS record, false AS planned, kind::KIND AS kind,
    list_transform(string_split(buyers, ' '), lambda one: $base || one) AS buyers,
    CASE WHEN suppliers IS NULL THEN [] ELSE list_transform(string_split(suppliers, ' '), lambda one: $base || one) END AS suppliers,
    first, last,
    CASE WHEN abs(value) < 900000000000000 THEN CAST(value * 10000 AS BIGINT) END AS value_e4,
    currency, coalesce(guard, CASE WHEN abs(value) >= 900000000000000 THEN 'absurd-amount' END) AS guard,
    CASE WHEN services IS NULL THEN [] ELSE list_transform(string_split(services, ' '), lambda one: $services || one) END AS services,
    []::VARCHAR[] AS places, label, $source AS source, 1 AS payments, reported_by, published, file_row, payer, payee, department, category,
    latest, string_split(refs, ' ') AS refs, nullif(typed, 'asserted')::CERTAINTY AS typed, sector, size, lot, vat
FROM file_of_rows;
