-- The lines of a table of suppliers or customers: one for each other party in `dealings`, and one for those of a group. `words`
-- are what a search looks through.
WITH counted AS (
    SELECT *, count(*) OVER (PARTITION BY leader) AS names,
        '' AS own_words -- unless $search
        concat_ws(' ', name, "group", company_number, array_to_string([one.text for one in services], ' '), -- if $search
            array_to_string([one.text for one in run_from], ' '), array_to_string([one.text for one in departments], ' '), -- if $search
            array_to_string([one.text for one in places], ' ')) AS own_words -- if $search
    FROM dealings
)
SELECT
    name AS supplier, -- if $is_buyer
    name AS customer, -- unless $is_buyer
    services, paid, paid_in_all, awarded, since, until, ends_next, run_from, departments, share, last_paid, months, evidence, payments,
    ended, company_number, "group", places, iri, NULL AS members, own_words AS words, leader, position
FROM counted WHERE names = 1
UNION ALL
SELECT any_value("group") || ' and its group', list_sort(list_distinct(flatten(list(services) FILTER (services IS NOT NULL)))),
    sum(paid), sum(paid_in_all), sum(awarded), min(since), max(until), min(ends_next),
    list_sort(list_distinct(flatten(list(run_from) FILTER (run_from IS NOT NULL)))),
    list_sort(list_distinct(flatten(list(departments) FILTER (departments IS NOT NULL)))),
    sum(share), max(last_paid), NULL, '', CAST(sum(payments) AS INTEGER), CASE WHEN bool_and(ended = 'yes') THEN 'yes' ELSE '' END, '',
    any_value("group"), list_sort(list_distinct(flatten(list(places) FILTER (places IS NOT NULL)))), leader,
    list({'text': name, 'iri': iri, 'paid': paid, 'paid_in_all': paid_in_all, 'awarded': awarded} ORDER BY position),
    string_agg(own_words, ' '), leader, min(position)
FROM counted WHERE names > 1 GROUP BY leader
