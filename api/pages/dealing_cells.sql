-- What is loaded of a party with each other, by what nothing guards: the parts that lie in a scope. `$it` has the service types
-- of IT and back office.
SELECT CASE WHEN $is_buyer THEN supplier ELSE buyer END AS other, c.kind, service, coalesce(list_contains($it, service), false) AS is_it,
    c.first, c.last, CASE WHEN left_out IS NULL THEN amount_e4 END AS amount_e4, c.payments * part AS payments, e.places, e.department
FROM cells_in_scope c JOIN entry e USING (entry)
WHERE c.guard IS NULL AND supplier IS NOT NULL AND buyer <> supplier
