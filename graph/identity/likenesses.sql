-- Which names that are not equal may be one organisation's: the best likeness of each pair of organisations.
--
-- `entry` has the names, numbered in order. Names meet in blocks of what they share: what a block of more than 60 has in common is
-- common, and tells nothing. A word of three letters or fewer is too short to tell anything, or to be misspelt and still be known.
-- Scores, words and the limits of misspelling are variables: see `words.yaml`.
CREATE TEMP MACRO fits(tier, other) AS tier = other OR (tier <> 'combined' AND other <> 'combined' AND (tier = '' OR other = ''));
-- A council that is named by its place alone proves nothing: Christ Church is not a Christchurch.
CREATE TEMP MACRO bare(council, called, other_council, other_public) AS council AND NOT coalesce(called, true)
    AND NOT other_council AND NOT other_public;

CREATE TEMP TABLE worded AS
SELECT *, string_split(normal, ' ') AS words, list_filter(words, lambda one: one <> 'and') AS plain,
    string_split(core, ' ') AS core_words,
    -- The name without a reference of letters and digits at its end, as card statements have ("amazon uk 8d9a72b41"); else nothing.
    CASE WHEN regexp_full_match(words[-1], '[a-z0-9]{6,}') AND len(regexp_extract_all(words[-1], '[0-9]')) > 1
        AND regexp_matches(words[-1], '[a-z]') THEN array_to_string(words[:-2], ' ') ELSE '' END AS reference
FROM entry;

CREATE TEMP TABLE token AS
SELECT normal, words, unnest(words) AS token, unnest(range(1, len(words) + 1)) AS nth
FROM (SELECT DISTINCT normal, words FROM worded);

CREATE TEMP TABLE met AS SELECT token, count(DISTINCT normal) AS met FROM token GROUP BY token;

CREATE TEMP TABLE likeness AS
WITH shared AS (
    SELECT 'spaces' AS how, replace(normal, ' ', '') AS shared, number, '' AS token FROM worded
    UNION ALL
    -- Three telling words at least: Martin James Ltd is not James Martin Ltd.
    SELECT 'order', array_to_string(list_sort(plain), ' '), number, '' FROM worded
    WHERE len(list_filter(list_distinct(core_words), lambda one: NOT list_contains(getvariable('small'), one))) >= 3
    UNION ALL
    SELECT 'council name', place, number, '' FROM worded WHERE NOT registered AND form = '' AND called
    UNION ALL
    SELECT 'form', core, number, '' FROM worded
    UNION ALL
    SELECT 'and', array_to_string(plain, ' '), number, '' FROM worded
    UNION ALL
    SELECT 'country', coalesce(nullif(array_to_string(list_filter(core_words, lambda one: one <> 'uk'), ' '), ''), core) || ' /' || form, number, ''
    FROM worded
    UNION ALL
    SELECT 'abbreviation', array_to_string(core_words[:nth - 1], ' ') || '|' || token[:3] || '*|' || array_to_string(core_words[nth + 1:], ' ')
        || '/' || form, number, token
    FROM (
        SELECT *, unnest(core_words) AS token, unnest(range(1, len(core_words) + 1)) AS nth FROM worded WHERE len(core_words) > 1
    )
    WHERE len(token) >= 3 AND regexp_full_match(token, '\p{L}+')
), small AS (
    FROM shared QUALIFY count(*) OVER (PARTITION BY how, shared) BETWEEN 2 AND 60
), pair AS (
    SELECT s.how, a.number AS one, b.number AS other, CASE s.how
        -- Two companies cannot register names that differ in spaces alone. Of one name a person is asked.
        WHEN 'spaces' THEN CASE WHEN a.form = b.form AND NOT bare(a.council, a.called, b.council, b.public)
            AND NOT bare(b.council, b.called, a.council, a.public)
            THEN CASE WHEN a.normal <> b.normal THEN 'spaces' WHEN a.acronym THEN 'acronym' ELSE 'same name' END END
        WHEN 'council name' THEN CASE WHEN fits(a.tier, b.tier) THEN s.how END
        WHEN 'form' THEN CASE WHEN a.form <> b.form THEN s.how END
        WHEN 'and' THEN CASE WHEN a.normal <> b.normal THEN s.how END
        WHEN 'country' THEN CASE WHEN a.core <> b.core THEN s.how END
        -- One has the beginning of a word where the other has the word: "assoc" may be several.
        WHEN 'abbreviation' THEN CASE WHEN least(len(s.token), len(t.token)) <= 6 AND abs(len(s.token) - len(t.token)) > 1
            AND (starts_with(s.token, t.token) OR starts_with(t.token, s.token)) THEN s.how END
        ELSE s.how END AS kind
    FROM small s JOIN small t ON t.how = s.how AND t.shared = s.shared AND s.number < t.number
    JOIN worded a ON a.number = s.number JOIN worded b ON b.number = t.number
), to_council AS (
    -- A council's other ways of being written, if exactly one registered council fits; a city's may be the parish of a district.
    SELECT e.number AS one, min(o.number) AS other, CASE WHEN list_contains(any_value(e.words), 'city')
        AND NOT list_contains(flatten(list(o.words)), 'city') AND list_has_any(flatten(list(o.words)), ['district', 'borough'])
        THEN 'tier' ELSE 'council' END AS kind
    FROM worded e JOIN worded o ON o.council AND o.place = e.place AND fits(e.tier, o.tier)
    WHERE NOT e.registered AND (e.called OR e.public) AND (e.form = '' OR list_contains(getvariable('abbreviations'), e.form))
    GROUP BY e.number HAVING count(DISTINCT o.key) = 1
), to_registered AS (
    -- The words of one registered body in another order, or with its department about them.
    SELECT e.number AS one, min(b.number) AS other, 'parent' AS kind
    FROM (SELECT number, unnest(parents) AS parent FROM worded WHERE NOT registered) e
    JOIN worded b ON b.registered AND NOT b.council AND b.normal = parent
    GROUP BY e.number, parent HAVING count(DISTINCT b.key) = 1
    UNION ALL
    SELECT e.number, min(b.number), 'order'
    FROM worded e JOIN worded b ON b.registered AND list_sort(b.plain) = list_sort(e.plain)
    WHERE NOT e.registered AND len(e.plain) > 1
    GROUP BY e.number HAVING count(DISTINCT b.key) = 1
), called AS (
    -- What it trades as, or what it is in one of two languages.
    SELECT one, number AS other, kind
    FROM (
        SELECT number AS one, 'trading' AS kind, trading AS part FROM worded WHERE trading <> ''
    ) JOIN worded ON core = part
    QUALIFY row_number() OVER (PARTITION BY one, part ORDER BY number) <= 60
    UNION ALL
    SELECT one, number, 'bilingual'
    FROM (SELECT number AS one, unnest(languages) AS part FROM worded) JOIN worded ON normal = part
    QUALIFY row_number() OVER (PARTITION BY one, part ORDER BY number) <= 60
), by_reference AS (
    -- A reference at the end, as card statements have, and the name without, or the first such.
    SELECT first_value(number) OVER (PARTITION BY named ORDER BY has_reference, number) AS one, number AS other, 'reference' AS kind
    FROM (
        SELECT reference AS named, true AS has_reference, number FROM worded WHERE reference <> ''
        UNION ALL
        SELECT normal, false, min(number) FROM worded WHERE reference = '' GROUP BY normal
    )
    QUALIFY bool_or(has_reference) OVER (PARTITION BY named)
), placed AS (
    SELECT number, normal, form, from_text, row_number() OVER (ORDER BY normal, number) AS place FROM worded
), cut AS (
    -- A name begins as a longer one does: within a word, or so long that a field may have been too short.
    SELECT a.number AS one, b.number AS other, 'cut off' AS kind
    FROM (SELECT *, place + unnest(range(1, 6)) AS following FROM placed WHERE len(normal) >= 20 AND form = '' AND NOT from_text) a
    JOIN placed b ON b.place = following
    WHERE starts_with(b.normal, a.normal) AND a.normal <> b.normal AND (b.normal[len(a.normal) + 1] <> ' ' OR len(a.normal) >= 28)
), deleted AS (
    -- Names that agree in all words but one meet by what is left of it by one deletion.
    SELECT DISTINCT normal, hash(array_to_string(words[:nth - 1], ' '), left_over, array_to_string(words[nth + 1:], ' ')) AS rest
    FROM (
        SELECT *, unnest(list_append([token[:cut] || token[cut + 2:] FOR cut IN range(len(token))], token)) AS left_over FROM token
        WHERE len(token) > 3 AND regexp_full_match(token, '\p{L}+')
    )
), slipped AS (
    SELECT DISTINCT a.normal AS one, b.normal AS other
    FROM (FROM deleted QUALIFY count(*) OVER (PARTITION BY rest) BETWEEN 2 AND 60) a
    JOIN (FROM deleted QUALIFY count(*) OVER (PARTITION BY rest) BETWEEN 2 AND 60) b ON a.rest = b.rest AND a.normal < b.normal
), slip AS (
    SELECT s.one, s.other, any_value(a.token) AS a, any_value(b.token) AS b, any_value(a.words) AS words
    FROM slipped s JOIN token a ON a.normal = s.one JOIN token b ON b.normal = s.other AND b.nth = a.nth AND b.token <> a.token
    WHERE len(a.words) = len(b.words)
    GROUP BY s.one, s.other
    HAVING count(*) = 1 AND damerau_levenshtein(any_value(a.token), any_value(b.token)) = 1
        AND regexp_full_match(any_value(a.token) || any_value(b.token), '\p{L}+')
), rare AS (
    SELECT normal, token FROM token JOIN met USING (token) WHERE met = 2 AND len(token) > 3
), judged AS (
    -- Which of two words is the slip shows in how often each is met: "sevices" is rare and "services" is not. Where both are
    -- rare, the rest of the name decides: if it holds a word that no other name holds, the two are one.
    SELECT *, (SELECT met FROM met WHERE token = a) AS met_a, (SELECT met FROM met WHERE token = b) AS met_b,
        EXISTS (FROM rare WHERE rare.normal = slip.one AND rare.token NOT IN (a, b)) AS telling
    FROM slip
), misspelt AS (
    SELECT x.number AS one, y.number AS other,
        CASE WHEN least(len(a), len(b)) >= getvariable('shortest') - CAST(x.registered_any OR y.registered_any AS INTEGER) AND len(j.words) > 1
            AND (telling OR (least(met_a, met_b) = 1 AND greatest(met_a, met_b) >= getvariable('rarity') AND a[1] = b[1]
                AND rtrim(a, 's') <> rtrim(b, 's')))
            THEN 'misspelt' ELSE 'typing' END AS kind
    FROM judged j
    JOIN (SELECT *, bool_or(registered) OVER (PARTITION BY normal) AS registered_any FROM worded) x ON x.normal = j.one
    JOIN (SELECT *, bool_or(registered) OVER (PARTITION BY normal) AS registered_any FROM worded) y ON y.normal = j.other
)
SELECT one, other, kind FROM pair WHERE kind IS NOT NULL
UNION ALL FROM to_council UNION ALL FROM to_registered UNION ALL FROM called UNION ALL FROM by_reference UNION ALL FROM cut
UNION ALL FROM misspelt;

WITH scored AS (
    SELECT unnest(getvariable('kinds')) AS kind, unnest(getvariable('scores')) AS score
)
SELECT least(a.key, b.key) AS first, greatest(a.key, b.key) AS second, score, kind,
    CASE WHEN a.key < b.key THEN a.normal ELSE b.normal END, CASE WHEN a.key < b.key THEN b.normal ELSE a.normal END
FROM likeness JOIN entry a ON a.number = one JOIN entry b ON b.number = other JOIN scored USING (kind)
WHERE a.key <> b.key
QUALIFY row_number() OVER (PARTITION BY first, second ORDER BY score DESC, kind, one, other) = 1
ORDER BY score DESC, first, second;
