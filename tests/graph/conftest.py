"""What the tests of the graph share: the seed facts, and edge tables made by hand."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from civicgraph.graph.edges.build import EdgeBuilder
from civicgraph.graph.edges.sql import FILE
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.records.iris import BASE, KINDS
from civicgraph.graph.records.quads import canonical_nquads
from civicgraph.ontology.read import PREFIXES
from civicgraph.seeds_loader.load import engine_in_memory
from tests.graph.in_memory import build_in_memory, edges_of

Edge = tuple[str, str | None, Mapping[str, Any]]


@pytest.fixture(scope="session")
def facts() -> Path:
    """Name the folder of the seed facts."""
    return Path(str(files("civicgraph.seeds_loader").joinpath("facts")))


@pytest.fixture(scope="session")
def seeds(facts: Path) -> EmbeddedEngine:
    """Hold the seed facts. Nothing writes to it."""
    return engine_in_memory([facts])


@pytest.fixture(scope="session")
def seeds_table(seeds: EmbeddedEngine) -> EdgeTable:
    """Hold the edge table of the seed facts. Nothing can change it."""
    return edges_of(seeds)


@pytest.fixture(scope="session")
def quads_of() -> Callable[[str], bytes]:
    """Give the function that turns TriG into the N-Quads of a source; see make_quads."""
    return make_quads


@pytest.fixture(scope="session")
def engine_of() -> Callable[..., EmbeddedEngine]:
    """Give the function that makes an engine over sources written as TriG, with all that the rules derive."""
    return lambda *sources: EmbeddedEngine(build_in_memory(*map(make_quads, sources)), "by hand")


def make_quads(trig: str) -> bytes:
    """Return TriG as canonical N-Quads. Every kind of thing is a prefix, and so is every one of the project's."""
    prefixes = PREFIXES | {kind: f"{BASE}{kind}/" for kind in KINDS}
    head = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in prefixes.items())
    return canonical_nquads(parse(head + trig, RdfFormat.TRIG))


@pytest.fixture(scope="session")
def table_of() -> Callable[..., EdgeTable]:
    """Give the function that makes an edge table by hand; it keeps no state, so that any test may share it."""
    return make_table


def make_table(
    edges: Iterable[Edge],
    *,
    collective: Iterable[str] = (),
    labels: Mapping[str, str] | None = None,
    broader: Mapping[str, frozenset[str]] | None = None,
    identity: Mapping[str, Mapping[str, str]] | None = None,
    called: Mapping[str, str] | None = None,
    **more: Any,  # noqa: ANN401 - rows of any table
) -> EdgeTable:
    """Return an edge table; each edge names only what matters to the test.

    An edge is a buyer, a supplier (None for nobody) and what is said of the record: edges of one `key` are of one.
    `identity` has mappings by the names of the staging tables `canonical`, `if_refused`, `if_taken`; `called` what
    parties are called; `more` rows for other staging tables, and `as_of`.
    """
    edges = list(edges)
    parties = sorted({party for buyer, supplier, _ in edges for party in (buyer, supplier) if party is not None})
    concepts = [(thing, label, "place" in thing) for thing, label in (labels or {}).items()]
    broad: list[Sequence[object]] = []
    for narrow, above in (broader or {}).items():
        concepts += [(thing, "", thing.startswith("p#") or "place" in thing) for thing in (narrow, *sorted(above))]
        broad += [(narrow, one) for one in sorted(above)]
    as_of = more.pop("as_of", None)
    staged: dict[str, Iterable[Sequence[object]]] = {
        _GIVEN: [_row(number, *edge) for number, edge in enumerate(edges)],
        "evidence": [row for number, (*_, given) in enumerate(edges) for row in _evidence(number, given)],
        "named": [
            (party, (called or {}).get(party, party.title()), "Organisation", party in collective, False)
            for party in parties
        ],
        "concept": concepts,
        "broad": broad,
        **{name: led.items() for name, led in (identity or {}).items()},
    }
    with TemporaryDirectory() as made:
        with EdgeBuilder(Path(made) / FILE) as builder:
            for table, rows in (*staged.items(), *more.items()):
                _insert(builder, table, rows)
            builder.finish(as_of)
        return EdgeTable(Path(made))


_GIVEN = """given (record, planned, kind, buyers, suppliers, first, last, value_e4, currency, guard, services, places,
    label, source, contract, payments, file_row)"""


def _insert(builder: EdgeBuilder, table: str, rows: Iterable[Sequence[object]]) -> None:
    """Insert all rows with one statement: to plan one for each takes longer than all else that a test does."""
    given = [list(row) for row in rows]
    if given:
        number = count(1)
        marks = ", ".join(f"({', '.join(f'${next(number)}' for _ in row)})" for row in given)
        values = [value for row in given for value in row]
        builder._connection.execute(f"INSERT INTO {table} VALUES {marks}", values)  # noqa: S608 - a test's own


def _evidence(number: int, given: Mapping[str, Any]) -> list[Sequence[object]]:
    key, certainty = given.get("key", f"tie-{number}"), given.get("certainty", "asserted")
    return [(key, claim, certainty, "document") for claim in given.get("evidence", (f"claim {number}",))]


def _row(number: int, buyer: str, supplier: str | None, given: Mapping[str, Any]) -> list[object]:
    value = given.get("value")
    return [
        given.get("key", f"tie-{number}"),
        given.get("planned", False),
        given.get("kind", "service"),
        [buyer],
        [] if supplier is None else [supplier],
        given.get("start"),
        given.get("end"),
        None if value is None else int(value * 10_000),
        given.get("currency"),
        given.get("guard"),
        list(given.get("services", ())),
        list(given.get("places", ())),
        given.get("label", f"tie {number}"),
        given.get("source"),
        given.get("contract"),
        given.get("payments", 1),
        given.get("file_row"),
    ]
