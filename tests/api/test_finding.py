"""Names are found as a slow and plain reading of the rules finds them, whatever the names and the words."""

import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from rapidfuzz import fuzz

from civicgraph.api.name_search import Names, words_of
from civicgraph.api.pages.reconciliation import Wanted, candidates
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.identity.councils import readings
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG

WORDS = ("kent", "kents", "ken", "east", "eats", "council", "counsel", "services", "service", "ltd", "it")
KINDS = ("Organisation", "Place", "Sector")


@dataclass(frozen=True)
class Thing:
    label: str
    kind: str
    others: tuple[str, ...]


names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
things = st.lists(
    st.builds(Thing, names, st.sampled_from(KINDS), st.lists(names, max_size=2).map(tuple)), min_size=1, max_size=8
)
texts = st.lists(st.sampled_from([*WORDS, "k", "coun", "servics", "nothing"]), min_size=1, max_size=5).map(" ".join)


def iri_of(number: int) -> str:
    return f"https://w3id.org/civicgraph/id/organisation/{number}"


def found_names(given: list[Thing]) -> Names:
    established, store = NamedNode(CG.established), Store()
    for number, thing in enumerate(given):
        said: list[tuple[str, NamedNode | Literal]] = [
            (PREFIXES["rdf"] + "type", NamedNode(PREFIXES["cg"] + thing.kind)),
            (PREFIXES["rdfs"] + "label", Literal(thing.label)),
            *((PREFIXES["skos"] + "altLabel", Literal(other)) for other in thing.others),
        ]
        store.extend(Quad(NamedNode(iri_of(number)), NamedNode(prop), value, established) for prop, value in said)
    return Names(EmbeddedEngine(store, "test"))


def likeness(word: str, known: str) -> float:
    alike = fuzz.ratio(word, known)
    return max(
        100.0 if word == known else 0.0,
        90 + 9 * len(word) / len(known) if known.startswith(word) and known != word else 0.0,
        # No misspelling of a longer word that it begins.
        alike - 5 if len(word) >= 4 and alike >= 72 and not known.startswith(word) else 0.0,
    )


def weight(names: int, all_names: int) -> float:
    return math.log(1 + all_names / max(names, 1))


def read_plainly(given: list[Thing], text: str, limit: int, kinds: Collection[str]) -> list[tuple[str, float]]:
    said = [
        (number, name, list(dict.fromkeys(words_of(name))))
        for number, thing in enumerate(given)
        for name in (thing.label, *dict.fromkeys(thing.others))
    ]
    met = Counter(word for _, _, words in said for word in words)
    best_of: dict[int, float] = {}
    for words in {tuple(dict.fromkeys(words_of(reading))) for reading in (text, *readings(text))}:
        likest = [[max(likeness(word, known) for known in own) for word in words] for _, _, own in said]
        weights = [weight(sum(row[at] > 0 for row in likest), len(said)) for at in range(len(words))]
        covered = [sum(w for w, score in zip(weights, row, strict=True) if score > 0) for row in likest]
        if max(covered) == 0 or max(covered) < sum(weights) / 2 - 1e-9:
            continue
        for (number, name, own), row, much in zip(said, likest, covered, strict=True):
            if much > max(covered) - 1e-9:
                lacking = 1 - min(1, much / sum(weight(met[known], len(said)) for known in own))
                total = sum(w * score for w, score in zip(weights, row, strict=True)) / sum(weights)
                # The council that goes by a place's name comes first.
                loss = 24 * lacking + 2 * (name != given[number].label) + 3 * (given[number].kind == "Place")
                best_of[number] = max(best_of.get(number, 0), round(total - loss, 3))
    ranked = sorted(
        (-score, len(given[n].label), given[n].label, iri_of(n))
        for n, score in best_of.items()
        if not kinds or given[n].kind in kinds
    )
    return [(iri, -score) for score, _, _, iri in ranked[:limit]]


@settings(deadline=None, max_examples=40)
@given(things, texts, st.integers(1, 4), st.sets(st.sampled_from(KINDS), max_size=2))
def test_found_as_the_rules_say(given: list[Thing], text: str, limit: int, kinds: set[str]) -> None:
    hits = found_names(given).find(text, limit, kinds)
    expected = read_plainly(given, text, limit, kinds)
    assert [hit.iri for hit in hits] == [iri for iri, _ in expected]
    assert all(abs(hit.score - score) < 0.0011 for hit, (_, score) in zip(hits, expected, strict=True))


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert Names(EmbeddedEngine(Store(), "test")).find("kent") == []


def test_thing_has_its_iri() -> None:
    known = found_names([Thing("kent", "Place", ("east kent",))])
    hit = known.of(iri_of(0))
    assert hit is not None
    assert (hit.label, hit.kind, hit.name) == ("kent", "Place", "kent")
    assert known.of(iri_of(1)) is None


COUNCILS = [
    Thing("London Borough of Hackney", "Organisation", ("Hackney",)),
    Thing("Gwynedd Council", "Organisation", ()),
    Thing("Hull City Council", "Organisation", ("Hull",)),
    Thing("Bournemouth, Christchurch and Poole Council", "Organisation", ("BCP",)),
    Thing("Carmarthenshire County Council", "Organisation", ()),
    Thing("Lichfield District Council", "Organisation", ()),
    Thing("Durham County Council", "Organisation", ()),
    Thing("JAMES A. CUTHBERTSON LIMITED", "Organisation", ()),
    *(Thing(f"{place} Council", "Organisation", ()) for place in ("Fife", "Angus", "Moray", "Leeds City", "York City")),
]


@pytest.mark.parametrize(
    ("text", "first", "match"),
    [
        ("Hackney Council", "London Borough of Hackney", True),
        ("LB Hackney", "London Borough of Hackney", True),
        ("Cyngor Gwynedd", "Gwynedd Council", True),
        ("Hull CC", "Hull City Council", True),
        ("BCP Council", "Bournemouth, Christchurch and Poole Council", True),
        ("Cyngor Sir Gâr", "Carmarthenshire County Council", True),
        ("Lichfield City Council", "Lichfield District Council", False),
        ("Durham City Council", "Durham County Council", False),
        ("The Fife Council", "Fife Council", True),
        ("James A Cuthbertson Ltd.", "JAMES A. CUTHBERTSON LIMITED", True),
    ],
)
def test_rare_words_weigh_and_names_are_those_that_loading_joins(text: str, first: str, match: bool) -> None:
    found = candidates(found_names(COUNCILS), Wanted(text, ("Organisation",), 2))
    assert (found[0]["name"], found[0]["match"]) == (first, match)
    assert not any(other["match"] for other in found[1:])


@pytest.mark.parametrize("text", ["a", "council", "Atlantis Council"])
def test_a_common_word_is_no_likely_name(text: str) -> None:
    found = candidates(found_names(COUNCILS), Wanted(text, (), 3))
    assert all(float(str(one["score"])) < 90 and not one["match"] for one in found)
