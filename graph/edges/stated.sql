-- Rows of the edge table from what a store states, property by property.
INSERT INTO given BY NAME
WITH stated AS (
    SELECT record,
        CASE WHEN bool_or(property = 'type' AND value = $terms || 'Contract') THEN 'contract'
            WHEN bool_or(property = 'type' AND value = $terms || 'Spend') THEN 'spend' ELSE 'service' END AS kind,
        list(value) FILTER (property IN ('buyer', 'customer')) AS buyers,
        list(value) FILTER (property IN ('supplier', 'provider')) AS suppliers,
        min(try_cast(value AS DATE)) FILTER (property = 'startEarliest') AS start_earliest,
        min(try_cast(value AS DATE)) FILTER (property = 'start') AS start_exact,
        max(try_cast(value AS DATE)) FILTER (property = 'endLatest') AS end_latest,
        max(try_cast(value AS DATE)) FILTER (property = 'end') AS end_exact,
        -- What was terminated still ran until the later of the two where a text says that a part of it did.
        max(try_cast(value AS DATE)) FILTER (property = 'terminatedLatest') AS terminated_latest,
        max(try_cast(value AS DATE)) FILTER (property = 'terminated') AS terminated_exact,
        max(try_cast(value AS DATE)) FILTER (property = 'endedLatest') AS ended_latest,
        max(try_cast(value AS DATE)) FILTER (property = 'ended') AS ended_exact,
        min(try_cast(value AS DECIMAL(22, 4))) FILTER (property IN ('awardedValue', 'amount')) AS value,
        min(value) FILTER (property = 'currency') AS currency,
        min(value) FILTER (property = 'guard') AS guard,
        list(value) FILTER (property = 'serviceType') AS services,
        list(value) FILTER (property = 'areaServed') AS areas,
        list(value) FILTER (property = 'deliveredFrom') AS delivered,
        min(value) FILTER (property = 'label') AS label,
        min(value) FILTER (property = 'underContract') AS contract,
        max(try_cast(value AS INTEGER)) FILTER (property = 'count') AS payments,
        min(value) FILTER (property = 'reportedBy') AS reported_by,
        max(try_cast(value AS DATE)) FILTER (property = 'latestEnd') AS latest,
        min(value) FILTER (property = 'serviceTypeCertainty') AS typed,
        min(value) FILTER (property = 'supplierIsSme') AS sme,
        min(value) FILTER (property = 'buyerSector') AS sector,
        min(value) FILTER (property = 'lot') AS lot,
        -- The basis of the value that is taken above, where they are not of one.
        CASE min(value) FILTER (property = 'vatBasis') WHEN $terms || 'netOfVat' THEN 'net' WHEN $terms || 'grossOfVat' THEN 'gross' END AS vat
    FROM (SELECT record, split_part(property, '#', 2) AS property, value FROM fact)
    GROUP BY record
)
SELECT record, $planned AS planned, kind, list_sort(list_distinct(buyers)) AS buyers,
    list_sort(list_distinct(coalesce(suppliers, []))) AS suppliers,
    coalesce(start_earliest, start_exact) AS first,
    -- What came to its end in fact ties nobody after that day, whatever its terms.
    least(greatest(coalesce(end_latest, end_exact), coalesce(terminated_latest, terminated_exact)),
        coalesce(ended_latest, ended_exact)) AS last,
    CASE WHEN abs(value) < 900000000000000 THEN CAST(value * 10000 AS BIGINT) END AS value_e4,
    currency, guard, list_sort(list_distinct(coalesce(services, []))) AS services,
    list_sort(list_distinct(coalesce(areas, delivered, []))) AS places, label, contract, coalesce(payments, 1) AS payments, reported_by,
    CASE WHEN coalesce(ended_latest, ended_exact, terminated_latest, terminated_exact) IS NULL THEN latest END AS latest,
    CAST(split_part(typed, '#', 2) AS CERTAINTY) AS typed,
    CASE WHEN sme IN ('true', '1') THEN 'SME' WHEN sme IS NOT NULL THEN 'Large' END AS size, vat, sector,
    -- Of a contract the edge table has no lot, whoever states it.
    CASE WHEN kind = 'spend' THEN lot END AS lot
FROM stated
WHERE buyers IS NOT NULL AND (suppliers IS NOT NULL OR kind <> 'service');
