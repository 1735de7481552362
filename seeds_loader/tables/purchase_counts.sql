-- How many rows each purchase has, and how many of them name the supplier.
SELECT purchase, count(*), count(*) FILTER (NOT nameless) FROM payment GROUP BY purchase ORDER BY purchase
