-- Rows that are no payments, and why.
SELECT file_row, wrong.field, wrong.reason,
    wrong.remedy || CASE WHEN is_undated THEN '; or leave the row out, if it sums others' ELSE '' END,
    CASE WHEN is_undated THEN amount ELSE 0 END
FROM (SELECT *, coalesce(fault, undated) AS wrong, fault IS NULL AS is_undated FROM paid ANTI JOIN payment USING (file_row))
ORDER BY file_row
