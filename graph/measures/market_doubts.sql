-- Whether parties are others, in the rows of a scope that count, as records write them, and if doubtful merges of names were
-- refused, or taken.
SELECT bool_or(stated_buyer <> buyer OR stated_supplier <> supplier),
    bool_or(b.if_refused <> buyer OR s.if_refused <> supplier),
    bool_or(b.if_taken <> buyer OR s.if_taken <> supplier)
FROM scoped
JOIN party b ON b.party = stated_buyer
JOIN party s ON s.party = stated_supplier
WHERE left_out IS NULL;
