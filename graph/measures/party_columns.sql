-- The figures of `parties.sql` with what is said of all of them, in the order of public columns: the largest first, equal ones
-- by IRI. `places` are of those who stand in the network, and `earlier` the shares of the period before.
CREATE OR REPLACE TEMP TABLE shown AS
SELECT p.iri AS supplier, p.name, total, share, contracts, others AS buyers, hhi_others AS hhi_buyers, hhi_services, hhi_places, -- if $of_suppliers
    t.name AS top_buyer, top_share AS top_buyer_share, dependences AS dependent_buyers, soles AS sole_supplier_of, -- if $of_suppliers
SELECT p.iri AS buyer, p.name, total, share, contracts, others AS suppliers, hhi_others AS hhi_suppliers, hhi_services, hhi_places, -- unless $of_suppliers
    t.name AS top_supplier, top_share AS top_supplier_share, dependences AS depends_on, soles AS sole_supplied, -- unless $of_suppliers
    $coverage::DOUBLE AS coverage,
    coalesce(share_before, 0) AS share_before, -- if $earlier
    NULL::DOUBLE AS share_before, -- unless $earlier
    pagerank, betweenness, core_number, -- if $places
    NULL::DOUBLE AS pagerank, NULL::DOUBLE AS betweenness, NULL::INTEGER AS core_number, -- unless $places
    $start::VARCHAR AS "from", $end::VARCHAR AS "to", $basis AS basis, $level AS level,
    winner_concentration, -- unless $of_suppliers
    $coverage_money::DOUBLE AS coverage_money,
    degree, -- if $places
    NULL::INTEGER AS degree, -- unless $places
    $notes AS notes
FROM parties
JOIN party p USING (party)
LEFT JOIN party t ON t.party = top
LEFT JOIN (SELECT unnest($earlier::VARCHAR[]) AS iri, unnest($shares::DOUBLE[]) AS share_before) b ON b.iri = p.iri -- if $earlier
LEFT JOIN ( -- if $places
    SELECT unnest($places::VARCHAR[]) AS iri, unnest($degrees::INTEGER[]) AS degree, unnest($ranks::DOUBLE[]) AS pagerank, -- if $places
        unnest($between::DOUBLE[]) AS betweenness, unnest($cores::INTEGER[]) AS core_number -- if $places
) n ON n.iri = p.iri -- if $places
ORDER BY total DESC, parties.party;
