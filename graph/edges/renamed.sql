-- Gives parties of a source's rows the keys that they have in this source alone.
UPDATE given SET
    buyers = list_transform(buyers, lambda one: coalesce(names[one], one)),
    suppliers = list_transform(suppliers, lambda one: coalesce(names[one], one))
FROM (SELECT map_from_entries(list((given, decided))) AS names FROM renamed)
WHERE source = $source;
