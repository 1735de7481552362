-- The lines of a table of suppliers or customers: one for each other party in `dealings`, and one for those of a group.
SELECT
    CASE WHEN count(*) = 1 THEN any_value(name) ELSE any_value("group") || ' and its group' END AS supplier, -- if $is_buyer
    CASE WHEN count(*) = 1 THEN any_value(name) ELSE any_value("group") || ' and its group' END AS customer, -- unless $is_buyer
    list_sort(list_distinct(flatten(list(services) FILTER (services IS NOT NULL)))) AS services,
    sum(paid) AS paid, sum(paid_in_all) AS paid_in_all, sum(awarded) AS awarded, min(since) AS since, max(until) AS until,
    min(ends_next) AS ends_next,
    list_sort(list_distinct(flatten(list(run_from) FILTER (run_from IS NOT NULL)))) AS run_from,
    list_sort(list_distinct(flatten(list(departments) FILTER (departments IS NOT NULL)))) AS departments,
    sum(share) AS share, max(last_paid) AS last_paid,
    CASE WHEN count(*) = 1 THEN any_value(months) END AS months, CASE WHEN count(*) = 1 THEN any_value(evidence) ELSE '' END AS evidence,
    CAST(sum(payments) AS INTEGER) AS payments, CASE WHEN bool_and(ended = 'yes') THEN 'yes' ELSE '' END AS ended,
    CASE WHEN count(*) = 1 THEN any_value(company_number) ELSE '' END AS company_number, any_value("group") AS "group",
    list_sort(list_distinct(flatten(list(places) FILTER (places IS NOT NULL)))) AS places,
    leader AS iri,
    CASE WHEN count(*) > 1
        THEN list({'text': name, 'iri': iri, 'paid': paid, 'paid_in_all': paid_in_all, 'awarded': awarded} ORDER BY position) END AS members,
    -- What a search looks through.
    string_agg(concat_ws(' ', name, "group", company_number, array_to_string([one.text for one in services], ' '),
        array_to_string([one.text for one in run_from], ' '), array_to_string([one.text for one in departments], ' '),
        array_to_string([one.text for one in places], ' ')), ' ') AS words,
    min(position) AS position
FROM dealings
GROUP BY leader
ORDER BY position
