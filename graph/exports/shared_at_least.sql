-- How many pairs of suppliers share so many buyers or more.
SELECT shared, CAST(sum(count(*)) OVER (ORDER BY shared DESC) AS BIGINT)
FROM sharing GROUP BY shared ORDER BY shared;
