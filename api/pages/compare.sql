-- Suppliers of two bodies side by side, from the list of the first as JSON and `dealings` of the second, those with the most money of both first.
-- @column supplier text Who
-- @column services iri What for
-- @column paid_a number Pounds that the first paid
-- @column paid_b number Pounds that the second paid
-- @column difference number The second less the first
-- @column awarded_a number Pounds of contracts of the first
-- @column awarded_b number Pounds of contracts of the second
-- @column until_a date The last day with the first
-- @column until_b date The last day with the second
-- @column iri iri Who
-- @sum paid_a paid_b difference awarded_a awarded_b
WITH a AS (SELECT one.* FROM (SELECT unnest(from_json($a::VARCHAR, $form)) AS one)),
b AS (SELECT name AS supplier, iri, services, paid, awarded, until FROM dealings)
SELECT coalesce(a.supplier, b.supplier) AS supplier,
    list_sort(list_distinct(list_concat(coalesce(a.services, []), coalesce(b.services, [])))) AS services,
    a.paid AS paid_a, b.paid AS paid_b, round(coalesce(b.paid, 0 * a.paid) - coalesce(a.paid, 0), 6) AS difference,
    a.awarded AS awarded_a, b.awarded AS awarded_b, a.until AS until_a, b.until AS until_b, iri,
    concat_ws(' ', coalesce(a.supplier, b.supplier), array_to_string([one.text for one in a.services], ' '),
        array_to_string([one.text for one in b.services], ' ')) AS words,
    row_number() OVER (
        ORDER BY coalesce(a.paid, 0) + coalesce(b.paid, 0) + coalesce(a.awarded, 0) + coalesce(b.awarded, 0) DESC, iri
    ) AS position
FROM a FULL JOIN b USING (iri)
