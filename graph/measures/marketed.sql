-- The rows of a scope by market: under NULL all of them, and under each narrower service type those of it and of what lies
-- under it. On the basis of customers each buyer of a supplier weighs 1 in each market.
CREATE OR REPLACE TEMP VIEW marketed AS -- unless $customers
CREATE OR REPLACE TEMP TABLE marketed AS -- if $customers
SELECT NULL::INTEGER AS market, * FROM scoped
UNION ALL
SELECT market, scoped.* -- unless $customers
SELECT market, scoped.* REPLACE (weight / sum(weight) OVER (PARTITION BY market, buyer, supplier) AS weight) -- if $customers
FROM scoped JOIN market ON thing = service;
