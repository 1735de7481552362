-- Money of a scope that counts, or would if it were not with value-added tax, by what files say of that tax.
SELECT coalesce(vat, ''), CAST(sum(amount_e4) AS BIGINT)
FROM scoped LEFT JOIN mark USING (mark)
WHERE left_out IS NULL OR left_out = 'with VAT, others without'
GROUP BY ALL ORDER BY ALL;
