-- Money of a scope that counts, by whether files say that it is net or gross of value-added tax. Most tables have no such mark.
SELECT coalesce(vat, ''), CAST(sum(amount_e4) AS BIGINT)
FROM scoped LEFT JOIN mark USING (mark)
WHERE left_out IS NULL AND (SELECT count(DISTINCT vat) FROM mark) > 1
GROUP BY ALL ORDER BY ALL;
