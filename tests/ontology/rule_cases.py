"""What each rule over claims, views and short cuts is tried on: triples before it, what it adds, what it removes."""

import hashlib

PREFIXES = """
    PREFIX : <https://example.org/>
    PREFIX cg: <https://w3id.org/civicgraph/ontology#>
    PREFIX dct: <http://purl.org/dc/terms/>
    PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
    PREFIX oa: <http://www.w3.org/ns/oa#>
    PREFIX prov: <http://www.w3.org/ns/prov#>
    PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
MARKS = "cg:polarity cg:affirmed ; cg:certainty cg:asserted ; cg:modality cg:fact ; cg:section cg:body"

DENIED = MARKS.replace("cg:affirmed", "cg:denied")


def about(predicate: str, value: str, subject: str = ":s") -> str:
    return f"rdf:subject {subject} ; rdf:predicate {predicate} ; rdf:object {value}"


def accepted(predicate: str, value: str, subject: str = ":s") -> str:
    return f"{about(predicate, value, subject)} ; {MARKS} ; cg:view cg:established"


def found(one: str, other: str, by: str) -> str:
    pair = f"https://example.org/claim/{one} https://example.org/claim/{other}"
    node = f":contradiction\\/{hashlib.sha256(pair.encode()).hexdigest()[:16]}"
    return f'{node} a cg:Contradiction ; cg:between :claim\\/{one}, :claim\\/{other} ; cg:foundBy "{by}" .'


def contradiction(one: str, other: str, by: str) -> str:
    both = f":claim\\/{one} cg:contradicts :claim\\/{other} . :claim\\/{other} cg:contradicts :claim\\/{one} ."
    return f"cg:claims {{ {both} {found(one, other, by)} }} "


# Before, and what the rule adds and takes away.


CASES: dict[str, tuple[str, str, str]] = {
    "01-one-label": (
        """cg:established { :x rdfs:label "Serco", "Serco Group" . :y rdfs:label "Capita" }""",
        """cg:established { :x skos:altLabel "Serco Group" }""",
        """cg:established { :x rdfs:label "Serco Group" }""",
    ),
    "11-claims-accepted": (
        f"""cg:claims {{
            :fact a cg:Claim ; {MARKS} .
            :plan a cg:Claim ; {MARKS.replace("cg:fact", "cg:plan")} .
            :maybe a cg:Claim ; {MARKS.replace("cg:asserted", "cg:speculative")} .
            :headline a cg:Claim ; {MARKS.replace("cg:body", "cg:headline")} .
            :denied a cg:Claim ; {MARKS.replace("cg:affirmed", "cg:denied")} .
            :opinion a cg:Claim ; {MARKS.replace("cg:fact", "cg:opinion")} .
            :sidebar a cg:Claim ; {MARKS.replace("cg:body", "cg:sidebar")} .
            :caption a cg:Claim ; {MARKS.replace("cg:body", "cg:caption")} .
            :rejected a cg:Claim ; {MARKS} ; cg:rejected "a slip" .
        }}""",
        """cg:claims {
            :fact cg:view cg:established . :headline cg:view cg:established .
            :plan cg:view cg:plans . :maybe cg:view cg:rumours .
        }""",
        "",
    ),
    "12-claims-affirmed-and-denied": (
        f"""cg:claims {{
            :claim\\/yes {about("cg:to", ":india")} ; {MARKS} . :claim\\/no {about("cg:to", ":india")} ; {DENIED} .
            :claim\\/other {about("cg:to", ":spain")} ; {DENIED} .
            :claim\\/plan {about("cg:to", ":india")} ; {MARKS.replace("cg:fact", "cg:plan")} .
            :claim\\/sidebar {about("cg:to", ":india")} ; {MARKS.replace("cg:body", "cg:sidebar")} .
            :claim\\/slip {about("cg:to", ":india")} ; {MARKS} ; cg:rejected "a slip" .
        }}""",
        contradiction("yes", "no", "affirmed and denied"),
        "",
    ),
    "13-claims-with-two-values": (
        f"""cg:claims {{
            :claim\\/a {accepted("cg:value", "5")} . :claim\\/b {accepted("cg:value", "6")} .
            :claim\\/same {accepted("cg:value", '"5"^^xsd:decimal')} .
            :claim\\/c {accepted("cg:value", "7").replace("cg:fact", "cg:plan").replace("cg:established", "cg:plans")} .
            :claim\\/d {accepted("cg:to", ":x")} . :claim\\/e {accepted("cg:to", ":y")} .
            :claim\\/unseen {about("cg:value", "8")} ; {MARKS.replace("cg:body", "cg:sidebar")} .
            :claim\\/p {accepted("cg:amount", "385", ":deal")} .
            :claim\\/q {accepted("cg:amount", "600", ":deal")} .
            :claim\\/gbp {accepted("cg:currency", '"GBP"', ":deal")} .
            :claim\\/usd {accepted("cg:currency", '"USD"', ":deal")} .
            :claim\\/end {accepted("cg:end", '"2019-03-31"^^xsd:date')} .
            :claim\\/late {accepted("cg:end", '"2025"^^edtf:EDTF')} ;
                cg:endEarliest "2025-01-01"^^xsd:date ; cg:endLatest "2025-12-31"^^xsd:date .
            :claim\\/year {accepted("cg:start", '"2010"^^edtf:EDTF')} ;
                cg:startEarliest "2010-01-01"^^xsd:date ; cg:startLatest "2010-12-31"^^xsd:date .
            :claim\\/day {accepted("cg:start", '"2010-04-01"^^xsd:date')} .
        }}""",
        contradiction("a", "b", "two values")
        + contradiction("b", "same", "two values")
        + contradiction("end", "late", "two values"),
        "",
    ),
    "14-claims-contradict-both-ways": (
        f"""cg:claims {{
            :claim\\/a cg:contradicts :claim\\/b .
            :claim\\/c cg:contradicts :claim\\/d . :claim\\/d cg:contradicts :claim\\/c .
        }} {contradiction("e", "f", "two values")}""",
        f"""cg:claims {{ :claim\\/b cg:contradicts :claim\\/a .
            {found("a", "b", "curator")} {found("c", "d", "curator")} }}""",
        "",
    ),
    "21-views-triples": (
        """cg:claims {
            :a rdf:subject :s ; rdf:predicate cg:provider ; rdf:object :serco ; cg:view cg:plans .
            :b rdf:subject :s ; rdf:predicate cg:provider ; rdf:object :capita .
        }""",
        "cg:plans { :s cg:provider :serco }",
        "",
    ),
    "22-views-kinds": (
        """cg:claims {
            :s a cg:Service . :t a cg:Service .
            :a rdf:subject :s ; cg:view cg:rumours . :b rdf:subject :t .
        }""",
        "cg:rumours { :s a cg:Service }",
        "",
    ),
    "24-views-agents": (
        """cg:claims {
            :a cg:view cg:plans ; rdf:subject :s ; rdf:object :serco . :b rdf:subject :s ; rdf:object :munich .
            :c cg:view cg:plans ; rdf:subject :s ; rdf:object :offer . :offer a cg:Event .
            :serco a cg:Company . :munich a cg:Organisation . :weekly a cg:Organisation . :ann a cg:Person .
            :d dct:publisher :weekly ; dct:creator :ann .
        }""",
        """cg:plans { :serco a cg:Company } cg:established {
            :weekly a cg:Organisation . :ann a cg:Person . :d dct:publisher :weekly ; dct:creator :ann .
        }""",
        "",
    ),
    "23-views-bounds": (
        """cg:claims {
            :a rdf:subject :c ; rdf:predicate cg:start ; cg:view cg:established ;
                cg:startEarliest "2005-01-01"^^xsd:date ; cg:startLatest "2007-12-31"^^xsd:date .
            :b rdf:subject :e ; rdf:predicate cg:date ; cg:view cg:plans ; cg:dateEarliest "2010-02-15"^^xsd:date .
            :d rdf:subject :f ; rdf:predicate cg:end ; cg:endEarliest "2010-02-15"^^xsd:date .
        }""",
        """cg:established { :c cg:startEarliest "2005-01-01"^^xsd:date ; cg:startLatest "2007-12-31"^^xsd:date }
           cg:plans { :e cg:dateEarliest "2010-02-15"^^xsd:date }""",
        "",
    ),
    "31-as-of": (
        """cg:claims {
            :a cg:issuedLatest "2011-06-03"^^xsd:date . :b cg:issuedLatest "2021-03-30"^^xsd:date .
        }""",
        """cg:established { cg:established cg:asOf "2021-03-30"^^xsd:date }""",
        "",
    ),
    "41-provides": (
        "cg:established { :s cg:provider :serco } cg:plans { :t cg:provider :capita } cg:claims { :u cg:provider :x }",
        "cg:established { :serco cg:provides :s } cg:plans { :capita cg:provides :t }",
        "",
    ),
    "42-contracts-with": (
        """cg:established {
            :c a cg:Contract ; cg:buyer :kent, :dover ; cg:supplier :serco .
            :d a cg:Contract ; cg:buyer :leeds .
            :spend a cg:Spend ; cg:buyer :leeds ; cg:supplier :capita .
        }""",
        """cg:established {
            :kent cg:contractsWith :serco ; cg:servedBy :serco . :dover cg:contractsWith :serco ; cg:servedBy :serco .
        }""",
        "",
    ),
    "43-served-by": (
        """cg:plans {
            :s cg:customer :kent ; cg:provider :serco . :t cg:customer :leeds .
            :own cg:customer :leeds ; cg:provider :leeds .
            :at-large cg:customer :councils ; cg:provider :serco .
            :centres-at-large cg:customer :kent ; cg:provider :centres .
            :of-some cg:customer :served-by-serco ; cg:provider :serco .
            :councils a cg:Sector . :centres a cg:Sector .
            :served-by-serco a cg:CustomerGroup, cg:Sector .
        }""",
        "cg:plans { :kent cg:servedBy :serco . :served-by-serco cg:servedBy :serco }",
        "",
    ),
    "44-parties": (
        """cg:established {
            :s cg:customer :kent ; cg:provider :serco . :t cg:provider :alone . :u cg:customer :agency .
            :spend a cg:Spend ; cg:buyer :leeds ; cg:supplier :capita . :c a cg:Contract ; cg:supplier :bt .
            :tender a cg:ContractingProcess ; cg:buyer :york .
        }""",
        """cg:established {
            :kent a cg:Buyer . :leeds a cg:Buyer . :agency a cg:Buyer .
            :serco a cg:Supplier . :capita a cg:Supplier . :alone a cg:Supplier . :bt a cg:Supplier .
        }""",
        "",
    ),
    "45-area-served": (
        """cg:established {
            :kent a cg:Council ; cg:areaServed :kent-county ; cg:basedIn :maidstone .
            :dover a cg:Council ; cg:basedIn :dover-town .
            :agency a cg:PublicBody ; cg:basedIn :bristol .
            :stated cg:customer :kent ; cg:areaServed :margate .
            :own cg:customer :kent . :seat cg:customer :dover . :none cg:customer :agency .
        }
        cg:plans { :planned cg:customer :dover . :stated cg:customer :kent }""",
        """cg:established { :own cg:areaServed :kent-county . :seat cg:areaServed :dover-town }
           cg:plans { :planned cg:areaServed :dover-town }""",
        "",
    ),
}
