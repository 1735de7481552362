-- What each buyer gives to each supplier of a scope, or of one market of it: what counts and is above zero.
SELECT any_value(b.iri), any_value(s.iri),
    1.0::DOUBLE -- if $customers
    sum(weight) -- unless $customers
FROM scoped -- unless $market
FROM marketed -- if $market
JOIN party b ON b.party = buyer JOIN party s ON s.party = supplier
WHERE left_out IS NULL
    AND coalesce(market, -1) = $market -- if $market
GROUP BY buyer, supplier HAVING sum(weight) > 0 ORDER BY buyer, supplier;
