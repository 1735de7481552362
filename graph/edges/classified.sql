-- Of the rows of a scope that count: the share that has a service type, and the share of their money.
SELECT sum(coalesce(payments, 1) * part) FILTER (service IS NOT NULL) / sum(coalesce(payments, 1) * part),
    sum(amount_e4) FILTER (service IS NOT NULL) / nullif(sum(amount_e4), 0)
FROM rows_of WHERE left_out IS NULL;
