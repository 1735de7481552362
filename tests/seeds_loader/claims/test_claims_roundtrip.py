"""Any valid claims file gives back the records it was written from, whatever the names and values in it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civicgraph.graph.records.iris import BASE
from civicgraph.graph.records.quads import canonical_nquads
from civicgraph.graph.records.types import Evidence, Marks, Source, Text, Thing, Value
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG_NS, SERVICES_NS
from civicgraph.seeds_loader.claims.claims_file import read_claims
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.load import claims_quads

XSD = PREFIXES["xsd"]
LENGTH = 108

# What is not a character, and what no text holds, apart: everything else is a name.
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=30)
DAYS = st.dates(min_value=date(1, 1, 1))
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=4)

# The property with its text in the file, and the value that it stands for.
VALUES: st.SearchStrategy[tuple[str, str, Value]] = st.one_of(
    st.sampled_from(["organisation/alpha", "organisation/beta"]).map(lambda key: ("to", key, BASE + key)),
    st.sampled_from(["payroll", "it-services"]).map(lambda slug: ("serviceType", slug, SERVICES_NS + slug)),
    st.sampled_from(["Outsourcing", "Offshoring"]).map(lambda name: ("type", name, CG_NS + name)),
    NAMES.map(lambda name: ("effect", name, Text(name, XSD + "string"))),
    DAYS.map(lambda day: ("date", day.isoformat(), Text(day.isoformat(), XSD + "date"))),
    NUMBERS.map(lambda number: ("amount", f"{number:f}", Text(_shortest(number), XSD + "decimal"))),
    st.integers(1, 99).map(lambda years: ("duration", f"P{years}Y", Text(f"P{years}Y", XSD + "duration"))),
)
PLACES = st.tuples(st.integers(0, LENGTH - 1), st.integers(1, LENGTH)).filter(lambda place: place[0] < place[1])
MARKS = st.builds(
    Marks,
    polarity=st.sampled_from(["affirmed", "denied"]),
    certainty=st.sampled_from(["asserted", "reported", "speculative"]),
    modality=st.sampled_from(["fact", "plan", "rumour", "opinion"]),
    section=st.sampled_from(["body", "headline", "caption", "sidebar"]),
)
Item = tuple[tuple[str, str, Value], tuple[int, int], Marks]
SOURCE = Source("claims", "Claims", "0")


def _shortest(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".")


def _told_apart(item: Item) -> tuple[object, ...]:
    (name, _, value), place, marks = item
    return name, value, place, marks.polarity, marks.certainty, marks.modality


ITEMS: st.SearchStrategy[list[Item]] = st.lists(st.tuples(VALUES, PLACES, MARKS), max_size=8, unique_by=_told_apart)


def _write(path: Path, items: list[Item], things: dict[str, dict[str, Any]]) -> Path:
    written = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    written["document"] = {field: str(value) for field, value in written["document"].items()}
    written["things"] |= things
    written["claims"] = {"event/move": [_fields(item) for item in items]}
    text = yaml.dump(written, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8")
    return path


def _fields(item: Item) -> dict[str, str]:
    (name, text, _), (start, end), marks = item
    return {
        name: text,
        "at": f"{start}-{end}",
        "saidBy": "person/ann-poe",
        **{mark: getattr(marks, mark) for mark in ("polarity", "certainty", "modality", "section")},
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ITEMS, st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_claims_come_back(claims_file: Callable[..., Path], items: list[Item], names: list[str]) -> None:
    label, *aliases = names
    things = {"organisation/named": {"label": label, "class": "Company", "spelled": aliases}}
    found = read_claims(_write(claims_file(), items, things), Documents(None))
    assert found.report.rejections == []
    assert found.things[-1] == Thing("organisation/named", label, "Company", tuple(aliases))
    assert [(claim.value, claim.evidence, claim.marks) for claim in found.claims] == [
        (value, Evidence(found.document.sha256, *place), marks) for (_, _, value), place, marks in items
    ]
    assert {claim.said_by for claim in found.claims} <= {f"{BASE}person/ann-poe"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(ITEMS.flatmap(lambda items: st.tuples(st.just(items), st.permutations(items))))
def test_order_in_the_file_does_not_matter(
    claims_file: Callable[..., Path], orders: tuple[list[Item], list[Item]]
) -> None:
    one, other = (
        canonical_nquads(claims_quads(read_claims(_write(claims_file(), items, {}), Documents(None)), SOURCE))
        for items in orders
    )
    assert one == other
