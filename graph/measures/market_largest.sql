-- The largest known amount of one of the records of each market.
CREATE OR REPLACE TEMP TABLE largest AS
SELECT coalesce(market, -1) AS market, max(e.value_e4) AS largest_e4
FROM marketed JOIN entry e USING (entry) WHERE left_out IS NULL GROUP BY ALL;
