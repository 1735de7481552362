-- Who paid in each source of payments that is one body's.
SELECT source, any_value(name) FROM entry JOIN edge USING (entry) JOIN party ON party = buyer
WHERE entry.kind = 'spend' AND entry.reported_by = 'payments' GROUP BY source HAVING min(buyer) = max(buyer);
