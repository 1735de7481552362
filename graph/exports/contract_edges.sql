-- The rows of a scope as edges of the view of contracts, in place of those of `counted.sql`: who buys and who provides each
-- contract or service, where it is, and the contract that a service is under.
CREATE OR REPLACE TEMP TABLE counted AS
WITH cell AS (
    SELECT scoped.* EXCLUDE (buyer, supplier, kind, place, amount_e4), b.iri AS buyer, s.iri AS supplier, p.iri AS place, record, contract,
        CASE WHEN currency = $currency AND NOT with_tax THEN amount_e4 END AS amount_e4
    FROM scoped
    JOIN (SELECT entry, record, contract FROM entry) USING (entry)
    JOIN party b ON b.party = buyer
    JOIN party s ON s.party = supplier
    LEFT JOIN thing p ON p.thing = place
    WHERE left_out IS NULL AND kind <> 'spend'
), tie AS (
    SELECT buyer AS source, record AS target, 'buys' AS kind, * EXCLUDE (buyer, supplier, place, record, contract) FROM cell
    UNION ALL SELECT supplier, record, 'provides', * EXCLUDE (buyer, supplier, place, record, contract) FROM cell
    UNION ALL SELECT record, place, 'place', * EXCLUDE (buyer, supplier, place, record, contract) REPLACE (NULL AS amount_e4)
    FROM cell WHERE place IS NOT NULL
    UNION ALL SELECT record, contract, 'contract', * EXCLUDE (buyer, supplier, place, record, contract) REPLACE (NULL AS amount_e4)
    FROM cell WHERE contract IS NOT NULL
)
SELECT dense_rank() OVER (ORDER BY source, target, kind) AS edge, source, target, kind, entry, service, NULL::INTEGER AS place, weight,
    payments, first, last, certainty, amount_e4
FROM tie;
