"""How fast names are found: 150,000 made names, asked one by one as `/search` and `/reconcile` ask them.

The peer is rapidfuzz, by which most scripts that match tables compare a name with all names (`process.extract` with
WRatio, over names made lower case before); both run in this process over the same names, a third of the asked ones
misspelt by a letter. How often the right name is first is told beside the time. Run: python benchmarks/search.py
"""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Store
from rapidfuzz import fuzz, process

from civicgraph.api.name_search import Names
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG

NAMES: Final = 150_000
ASKED: Final = 100
_SYLLABLES: Final = (
    *("ba", "ko", "mi", "ten", "ser", "vi", "tech", "nor", "wes", "dale"),
    *("ford", "ton", "ham", "con", "sul", "pro", "net", "log", "ica", "ara"),
)
_FORMS: Final = ("Limited", "Ltd", "Council", "LLP", "Services Limited")


def made_names(chance: random.Random) -> list[str]:
    """Return names of one to three words and a form, each once."""
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))).title() for _ in range(60_000)]
    found: dict[str, None] = {}
    while len(found) < NAMES:
        found[" ".join([*chance.choices(words, k=chance.randint(1, 3)), chance.choice(_FORMS)])] = None
    return list(found)


def names_of(labels: Sequence[str]) -> Names:
    """Return the index over organisations with these labels."""
    graph, kind, label = NamedNode(CG.established), NamedNode(CG.Organisation), NamedNode(PREFIXES["rdfs"] + "label")
    store = Store()
    for number, text in enumerate(labels):
        thing = NamedNode(f"https://w3id.org/civicgraph/id/organisation/{number}")
        store.add(Quad(thing, NamedNode(PREFIXES["rdf"] + "type"), kind, graph))
        store.add(Quad(thing, label, Literal(text), graph))
    began = time.perf_counter()
    names = Names(EmbeddedEngine(store, "made"))
    print(f"index: {time.perf_counter() - began:.1f} s\n")
    return names


def timed(find: Callable[[str], str], asked: Sequence[tuple[str, str]]) -> tuple[float, int]:
    """Return the median milliseconds of one look-up, and how often the right name came first."""
    seconds, right = [], 0
    for text, meant in asked:
        began = time.perf_counter()
        first = find(text)
        seconds.append(time.perf_counter() - began)
        right += first == meant
    return statistics.median(seconds) * 1000, right


def main() -> None:
    """Print the table."""
    chance = random.Random(1)  # noqa: S311 - names, not secrets
    labels = made_names(chance)
    picked = chance.sample(labels, ASKED)
    asked = [(name.replace("a", "e", 1) if number % 3 == 0 else name, name) for number, name in enumerate(picked)]
    names = names_of(labels)
    lower = [label.lower() for label in labels]

    def ours(text: str) -> str:
        return next((hit.label for hit in names.find(text)), "")

    def peer(text: str) -> str:
        (_, _, index), *_ = process.extract(text.lower(), lower, scorer=fuzz.WRatio, limit=20)
        return labels[index]

    print(f"| {ASKED} names among {NAMES:,} | median ms | right one first |\n|---|---:|---:|")
    ours_ms, ours_right = timed(ours, asked)
    print(f"| civicgraph | {ours_ms:.1f} | {ours_right} |")
    peer_ms, peer_right = timed(peer, asked)
    print(f"| rapidfuzz.process.extract, WRatio | {peer_ms:.1f} | {peer_right} |\n\nratio {ours_ms / peer_ms:.2f}")


if __name__ == "__main__":
    main()
