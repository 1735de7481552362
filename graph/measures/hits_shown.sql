-- The rows of `hits.sql` by names and IRIs, what ends first first and what has no end last. `counted` are pounds.
SELECT s.name AS supplier, s.iri AS supplier_iri, '' AS through, b.name AS buyer, b.iri AS buyer_iri, t.name AS service, t.iri AS service_iri,
    kind::VARCHAR AS kind, record AS tie, first::VARCHAR AS "from", last::VARCHAR AS "to",
    CASE WHEN is_known THEN amount_e4 / 10000 END AS "left", currency, NULL AS others_of_buyer, NULL AS others_in_region,
    NULL AS others_anywhere, '' AS others, payments, hit.service AS number, places,
    CASE WHEN counts AND currency = 'GBP' THEN amount_e4::BIGINT END AS counted
FROM hit JOIN party s ON s.party = supplier JOIN party b ON b.party = buyer LEFT JOIN thing t ON t.thing = hit.service
ORDER BY "to" NULLS LAST, b.name, coalesce(t.name, ''), record;
