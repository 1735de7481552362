-- The rows of a scope by market: under NULL all of them, and under each narrower service type those of it and of what lies
-- under it.
CREATE OR REPLACE TEMP VIEW marketed AS
SELECT NULL::INTEGER AS market, * FROM scoped
UNION ALL
SELECT market, scoped.* FROM scoped JOIN market ON thing = service;
