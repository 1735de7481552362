-- Who buys from whom by what counts in a scope, and how many buyers each supplier has.
CREATE OR REPLACE TEMP TABLE sold_to AS
SELECT buyer, supplier, count(*) OVER (PARTITION BY supplier) AS buyers
FROM (SELECT DISTINCT buyer, supplier FROM scoped WHERE left_out IS NULL);
