"""Names are found as a slow and plain reading of the rules finds them, whatever the names and the words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from rapidfuzz import fuzz

from civicgraph.api.finding import Names, words_of
from civicgraph.graph.engine.embedded import EmbeddedEngine
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


def read_plainly(given: list[Thing], text: str, limit: int, kinds: Collection[str]) -> list[tuple[str, float]]:
    words = list(dict.fromkeys(words_of(text)))
    scored: list[tuple[int, float, int]] = []
    for number, thing in enumerate(given):
        for name in (thing.label, *thing.others):
            said = words_of(name)
            best = [max(likeness(word, known) for known in said) for word in words]
            matched = [score for score in best if score > 0]
            surplus = max(0, len(said) - len(words))
            # The council that goes by a place's name comes first.
            loss = 12 * surplus / (surplus + 4) + (0 if name == thing.label else 2) + 3 * (thing.kind == "Place")
            scored.append((len(matched), sum(matched) / len(words) - loss, number))
    most = max(count for count, _, _ in scored)
    if most == 0 or 2 * most < len(words):
        return []
    best_of: Mapping[int, float] = {
        number: max(score for count, score, other in scored if count == most and other == number)
        for number in {number for count, _, number in scored if count == most}
        if not kinds or given[number].kind in kinds
    }
    ranked = sorted((-round(score, 3), len(given[n].label), given[n].label, iri_of(n)) for n, score in best_of.items())
    return [(iri, -score) for score, _, _, iri in ranked[:limit]]


@settings(deadline=None)
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
