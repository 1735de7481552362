-- Who paid in each source of payments that is one body's.
WITH paid AS (
    SELECT source, min(buyer) AS party, max(buyer) AS last FROM entry JOIN edge USING (entry)
    WHERE entry.reported_by = 'payments' GROUP BY source
)
SELECT source, name FROM paid JOIN party USING (party) WHERE party = last ORDER BY source;
