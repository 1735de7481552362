-- Who buys from whom in each market, for the basis of customers: each buyer of a supplier weighs 1, spread over the records
-- that it buys by. `alone` counts those of one row, whose squares are summed here; others lie in several pairs.
CREATE OR REPLACE TEMP TABLE customers AS
SELECT market, buyer, supplier, sum(part) AS whole, count(*) FILTER (part = 1) AS alone
FROM marketed WHERE left_out IS NULL GROUP BY ALL;
