-- How many established services, contracts and months of money a party has as buyer or as supplier, with each other party.
SELECT kind::VARCHAR, count(*)
FROM (
    SELECT DISTINCT e.kind, record, buyer, supplier
    FROM edge e JOIN entry USING (entry) JOIN party ON party = CASE $side WHEN 'buyer' THEN buyer ELSE supplier END
    WHERE NOT e.planned AND iri = $party
)
GROUP BY kind;
