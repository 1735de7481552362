"""What a view hands over to be drawn: its nodes, the ends of its edges, and its edges as rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.exports.drawing import Column, EdgeRow, Spell
from civicgraph.graph.records.iris import key_of

NODE_COLUMNS: Final = (
    Column("kind", "string", "what the node is in this view; nodes are coloured by it"),
    Column("class", "string", "the narrowest class of the ontology"),
    Column("uri", "string", "the IRI, under which the thing can be looked up"),
    Column("region", "string", "the region that its area lies in, else the country; empty where none is known"),
    Column("value", "double", "what the node's size goes by: pounds, or a number of customers, contracts or services"),
    Column("share", "double", "its part of all that is supplied, for a buyer of all that is bought, 0 to 1"),
    Column("hhi", "double", "how concentrated its buyers are, for a buyer its suppliers: HHI, 0 to 10,000"),
    Column("buyers", "integer", "how many buy from it"),
    Column("suppliers", "integer", "how many supply it"),
    Column("degree", "integer", "how many edges it has"),
    Column("community", "integer", "the number of its community by the Leiden method; 0 is the largest"),
    Column("core", "integer", "its core number: it is among nodes that have this many neighbours among themselves"),
)


@dataclass(frozen=True, slots=True)
class Node:
    """A node before it is drawn. `value` is a number on the view's basis; see `NODE_COLUMNS` for the others."""

    iri: str
    label: str
    kind: str
    cls: str
    region: str | None = None
    value: Decimal | float | None = None
    share: float | None = None
    hhi: float | None = None
    buyers: int | None = None
    suppliers: int | None = None
    spells: tuple[Spell, ...] = ()

    @property
    def id(self) -> str:
        """Its key, such as organisation/serco; its IRI where it is not one of ours."""
        return id_of(self.iri)


@dataclass(frozen=True, slots=True)
class Parts:
    """A view. `sources` and `targets` number the nodes at the ends of each edge, in the order of `edges()`."""

    nodes: Sequence[Node]
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    edges: Callable[[], Iterator[EdgeRow]]
    edge_columns: Sequence[Column]
    title: str
    weighed_by: str
    left_out: Mapping[str, int] = field(default_factory=dict)


class TooLargeError(ScopeError):
    """A view would be too large to be of use; the message says what would fit."""


def id_of(iri: str) -> str:
    """Return what stands for a thing in a file: its key, or its IRI where it is not one of ours.

    >>> id_of("https://w3id.org/civicgraph/id/organisation/serco"), id_of("http://e/1")
    ('organisation/serco', 'http://e/1')
    """
    return key_of(iri) or iri
