"""A graph that is small enough to answer every question by hand, and the answers: stored queries, those in the docs.

Alpha served Birmingham and Bixby by one arrangement, from Corby, on Oracle; its contract with the first ended early.
Beta runs a contract with Bixby. What is planned, rumoured, denied or held by nobody must show up nowhere else.
"""

from typing import Final

GRAPH: Final = """
cg:established {
    cg:established cg:asOf "2015-06-01"^^xsd:date .
    organisation:birm a cg:Council, cg:PublicBody, cg:Organisation ; rdfs:label "Birmingham City Council" .
    organisation:bixby a cg:Council, cg:PublicBody, cg:Organisation ; rdfs:label "Bixby Council" .
    organisation:alpha a cg:SharedServiceCentre, cg:Organisation ; rdfs:label "Alpha" .
    organisation:beta a cg:Company, cg:Organisation ; rdfs:label "Beta" .
    organisation:idle a cg:Company, cg:Organisation ; rdfs:label "Idle" .
    person:poe a cg:Person ; rdfs:label "Ann Poe" .
    place:corby a cg:Place ; rdfs:label "Corby" .
    place:ashby a cg:Place ; rdfs:label "Ashby" .
    platform:oracle a cg:Platform ; rdfs:label "Oracle" .
    arrangement:shared a cg:Arrangement ; rdfs:label "Sharing" .
    service:one a cg:Service ; rdfs:label "Payroll for Ashby" ; cg:provider organisation:alpha ;
        cg:customer organisation:birm ;
        cg:serviceType cgs:payroll ; cg:partOf arrangement:shared ; cg:deliveredFrom place:corby ;
        cg:platform platform:oracle ;
        cg:areaServed place:ashby .
    service:two a cg:Service ; rdfs:label "Payroll for Bixby" ; cg:provider organisation:alpha ;
        cg:customer organisation:bixby ;
        cg:serviceType cgs:payroll ; cg:partOf arrangement:shared ; cg:start "2012-01-01"^^xsd:date .
    service:three a cg:Service ; rdfs:label "Network for Bixby" ; cg:provider organisation:beta ;
        cg:customer organisation:bixby ;
        cg:serviceType cgs:network .
    contract:ended a cg:Contract ; rdfs:label "The ended contract" ; cg:buyer organisation:birm ;
        cg:supplier organisation:alpha ;
        cg:start "2010-01-01"^^xsd:date ; cg:end "2020-12-31"^^xsd:date ; cg:terminated "2014-01-31"^^xsd:date .
    contract:runs a cg:Contract ; rdfs:label "The running contract" ; cg:buyer organisation:bixby ;
        cg:supplier organisation:beta ;
        cg:start "2014-01-01"^^xsd:date ; cg:end "2016-12-31"^^xsd:date .
    organisation:bixby cg:currentlyContractsWith organisation:beta .
    event:bought a cg:Acquisition, cg:Event ; rdfs:label "Beta buys Idle" ; cg:acquirer organisation:beta ;
        cg:acquired organisation:idle ; cg:date "2013-05-01"^^xsd:date .
    event:over a cg:Termination, cg:Event ; rdfs:label "The end" ; cg:concerns contract:ended ; cg:reason "cost" .
    event:move rdfs:label "The move" . event:sale rdfs:label "The sale" .
    statistic:part a cg:Statistic ; rdfs:label "Part of councils" ; cg:measure "share" ; cg:value 0.89 ; cg:unit "1" .
    statistic:bare a cg:Statistic ; rdfs:label "A bare number" .
    document:paper a cg:Document ; rdfs:label "The paper" ; dct:identifier "paper.txt" .
}
cg:plans { event:move a cg:Offshoring }
cg:rumours { event:sale a cg:Acquisition ; cg:acquirer organisation:alpha ; cg:acquired organisation:beta }
"""

CLAIMS: Final = (
    # key, subject, predicate, object, polarity, modality, who says so, where in the paper, what it contradicts
    ("opinion-of-poe", "organisation:alpha", "cg:reason", '"slow"', "affirmed", "opinion", "person:poe", 0, ""),
    ("opinion-of-none", "organisation:alpha", "cg:reason", '"dear"', "denied", "opinion", "", 10, ""),
    ("says", "event:sale", "cg:date", '"2015"', "affirmed", "rumour", "", 20, "denies"),
    ("denies", "event:sale", "cg:date", '"2015"', "denied", "fact", "person:poe", 30, "says"),
    ("move", "event:move", "rdf:type", "cg:Offshoring", "affirmed", "plan", "", 40, ""),
    ("no-move", "event:move", "rdf:type", "cg:Offshoring", "denied", "fact", "person:poe", 50, ""),
)


def claim(key: str, *said: object) -> str:
    """Return a claim as TriG, with its evidence."""
    subject, predicate, value, polarity, modality, who, start, other = said
    lines = (
        f"claim:{key} a cg:Claim ; rdf:subject {subject} ; rdf:predicate {predicate} ; rdf:object {value} ;"
        f" cg:polarity cg:{polarity} ; cg:certainty cg:asserted ; cg:modality cg:{modality} ; cg:section cg:body ;"
        f" prov:wasDerivedFrom claim:{key}-evidence ."
        f" claim:{key}-evidence oa:hasSource document:paper ; oa:hasSelector claim:{key}-place ."
        f" claim:{key}-place oa:start {start} ; oa:end {int(str(start)) + 5} ."
    )
    lines += f" claim:{key} cg:saidBy {who} ." if who else ""
    return lines + (f" claim:{key} cg:contradicts claim:{other} ." if other else "")


TRIG: Final = (
    f"{GRAPH} cg:claims {{ {' '.join(claim(*one) for one in CLAIMS)} document:paper dct:identifier 'paper.txt' }}"
)

Rows = list[tuple[str | None, ...]]

STORED: Final[dict[str, tuple[dict[str, str], Rows]]] = {
    "acquisitions": ({}, [("Beta", "Idle", "2013-05-01")]),
    "contracts-that-ended": ({}, [("The ended contract", "Birmingham City Council", "Alpha", "2014-01-31")]),
    "contracts-that-run": (
        {},
        [("Bixby Council", "Beta", "The running contract", "2014-01-01", "2016-12-31", None, "runs")],
    ),
    "contradictions": (
        {},
        [("The sale", "date", "2015", "affirmed", "paper.txt"), ("The sale", "date", "2015", "denied", "paper.txt")],
    ),
    "customers-of": (
        {"supplier": "organisation/alpha"},
        [
            ("alpha", "Birmingham City Council", "Payroll", "Ashby"),
            ("alpha", "Birmingham City Council", "contract", None),
            ("alpha", "Bixby Council", "Payroll", None),
        ],
    ),
    "delivered-from": ({}, [("Corby", "Alpha", "Payroll for Ashby")]),
    "evidence-of": (
        {"thing": "event/sale"},
        [
            ("sale", "date", "2015", "asserted", "rumour", "paper.txt", "20", "25", "affirmed"),
            ("sale", "date", "2015", "asserted", "fact", "paper.txt", "30", "35", "denied"),
        ],
    ),
    "opinions": (
        {},
        [(None, "Alpha", "reason", "dear", "denied"), ("Ann Poe", "Alpha", "reason", "slow", "affirmed")],
    ),
    "plans": ({}, [("The move", "offshoring")]),
    "platforms": ({}, [("Oracle", "Payroll for Ashby", "Alpha")]),
    "rumours": ({}, [("The sale", "acquisition")]),
    "shared-arrangements": (
        {},
        [("Sharing", "Alpha", "Birmingham City Council"), ("Sharing", "Alpha", "Bixby Council")],
    ),
    "statistics": (
        {},
        [("A bare number", None, None, None, None), ("Part of councils", "share", "0.89", None, "1")],
    ),
    "suppliers-by-customers": ({}, [("Alpha", "2"), ("Beta", "1")]),
    "suppliers-of": (
        {"council": "organisation/bixby"},
        [
            ("bixby", "Alpha", "Payroll", "2012-01-01", None),
            ("bixby", "Beta", "Networks and connectivity", None, None),
            ("bixby", "Beta", "contract", "2014-01-01", "2016-12-31"),
        ],
    ),
    "who-else-provides": (
        {"type": "https://w3id.org/civicgraph/services#payroll"},
        [("payroll", "Alpha", "2")],
    ),
}
"""Each stored query with its parameters and its rows: IRIs by what follows their last stroke or hash."""

DOCUMENTED: Final[dict[str, Rows]] = {
    "?supplier ?start ?terminated ?end ?reason": [("Alpha", "2010-01-01", "2014-01-31", "2020-12-31", "cost")],
    "?council ?supplier ?service ?place": [("Birmingham City Council", "Alpha", "Payroll", "Ashby")],
    "?centre ?customer ?type": [
        ("Alpha", "Birmingham City Council", "Payroll"),
        ("Alpha", "Bixby Council", "Payroll"),
    ],
    "?service ?type": [("Network for Bixby", "Networks and connectivity")],
    "?event ?polarity ?modality ?certainty ?who ?view": [
        ("The move", "denied", "fact", "asserted", "Ann Poe", None),
        ("The move", "affirmed", "plan", "asserted", None, "plans"),
    ],
    "?view ?event ?kind": [("plans", "The move", "offshoring"), ("rumours", "The sale", "acquisition")],
    "DISTINCT ?thing ?property ?value ?polarity ?document ?start ?end": [
        ("The sale", "date", "2015", "affirmed", "paper.txt", "20", "25"),
        ("The sale", "date", "2015", "denied", "paper.txt", "30", "35"),
    ],
}
"""Each query in the docs, by what it selects, with its rows."""
