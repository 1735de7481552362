-- The rows of a scope, as `cells.sql` selects them, with what each weighs. On the basis of customers each buyer of a supplier
-- weighs 1, spread over its rows.
WITH cell AS (
    SELECT * EXCLUDE (position) FROM cells_in_scope
), pair AS ( -- if $customers
    SELECT buyer, supplier, sum(part) AS whole FROM cell WHERE left_out IS NULL GROUP BY ALL -- if $customers
)
SELECT cell.*,
    CASE WHEN left_out IS NULL THEN CAST(amount_e4 AS DOUBLE) END AS weight -- if $money
    CASE WHEN left_out IS NULL THEN part / whole END AS weight -- if $customers
    CASE WHEN left_out IS NULL THEN part END AS weight -- if $records
FROM cell
LEFT JOIN pair USING (buyer, supplier) -- if $customers
