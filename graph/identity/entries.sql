-- Names of organisations in order, with what they are compared by: as `civicgraph.graph.identity.candidates.Entry` says.
CREATE TEMP TABLE entry AS
SELECT unnest($number::INTEGER[]) AS "number",
    unnest($key::VARCHAR[]) AS "key",
    unnest($normal::VARCHAR[]) AS "normal",
    unnest($core::VARCHAR[]) AS "core",
    unnest($form::VARCHAR[]) AS "form",
    unnest($registered::BOOLEAN[]) AS "registered",
    unnest($council::BOOLEAN[]) AS "council",
    unnest($public::BOOLEAN[]) AS "public",
    unnest($from_text::BOOLEAN[]) AS "from_text",
    unnest($acronym::BOOLEAN[]) AS "acronym",
    unnest($trading::VARCHAR[]) AS "trading",
    unnest($place::VARCHAR[]) AS "place",
    unnest($tier::VARCHAR[]) AS "tier",
    unnest($called::BOOLEAN[]) AS "called",
    unnest($parents::VARCHAR[][]) AS "parents",
    unnest($languages::VARCHAR[][]) AS "languages";
