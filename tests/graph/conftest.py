"""What the tests of the graph share: the seed facts, and networks made by hand."""

from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import settings
from pyoxigraph import RdfFormat, parse

from civicgraph.graph.edges.network import Network, build_network
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.records.iris import BASE, KINDS
from civicgraph.graph.records.quads import canonical_nquads
from civicgraph.graph.snapshot.derive import build_in_memory
from civicgraph.ontology.read import PREFIXES
from civicgraph.seeds_loader.load import engine_in_memory

# How long an example takes says nothing about whether it is right.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

Tie = tuple[str, str, Mapping[str, Any]]


@pytest.fixture(scope="session")
def facts() -> Path:
    """Name the folder of the seed facts."""
    return Path(str(files("civicgraph.seeds_loader").joinpath("facts")))


@pytest.fixture(scope="session")
def seeds(facts: Path) -> EmbeddedEngine:
    """Hold the seed facts. Nothing writes to it."""
    return engine_in_memory([facts])


@pytest.fixture(scope="session")
def seeds_network(seeds: EmbeddedEngine) -> Network:
    """Hold the established network of the seed facts. Nothing changes it."""
    return build_network(seeds)


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
def network_of() -> Callable[..., Network]:
    """Give the function that makes a network by hand; it keeps no state, so that any test may share it."""
    return make_network


def make_network(
    ties: Iterable[Tie],
    *,
    collective: Iterable[str] = (),
    labels: Mapping[str, str] | None = None,
    broader: Mapping[str, frozenset[str]] | None = None,
    **graph: object,
) -> Network:
    """Return a network of the shape that build_network gives; each tie names only what matters to the test."""
    network: Network = nx.MultiDiGraph()
    for number, (buyer, supplier, given) in enumerate(ties):
        for party in (buyer, supplier):
            network.add_node(party, label=party.title(), cls="Organisation", is_collective=party in collective)
        attributes: dict[str, Any] = {
            "kind": "service",
            "guard": None,
            "label": f"tie {number}",
            "services": (),
            "places": (),
            "start": None,
            "end": None,
            "value": None,
            "currency": None,
            "split": 1.0,
            "contract": None,
            "certainty": "asserted",
            "evidence": (f"claim {number}",),
            "documents": (f"document {number}",),
            **given,
        }
        network.add_edge(buyer, supplier, key=attributes.pop("key", f"tie-{number}"), **attributes)
    network.graph.update(
        {"labels": labels or {}, "broader": broader or {}, "as_of": None, "version": "by hand"} | graph
    )
    return network
