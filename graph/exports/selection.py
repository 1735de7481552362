"""Which view a drawing is of, and which ties of the network it takes."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

from civicgraph.graph.edges.scope import Basis, Level, Scope, ScopeError, in_scope
from civicgraph.graph.records.iris import key_of

if TYPE_CHECKING:
    from civicgraph.graph.edges.network import Network  # imports networkx, which naming a selection does not need

View = Literal["network", "contracts", "suppliers", "claims"]
VIEWS: Final[Mapping[View, str]] = {
    "network": "buyers and suppliers; an edge for all services, contracts or payments between two",
    "contracts": "contracts and services as nodes, with who buys, who provides, and where",
    "suppliers": "suppliers that share buyers",
    "claims": "who is said to be tied to whom, what is planned, rumoured or denied, and how certain",
}
"""The views that can be exported, and what each shows."""

DEEPEST: Final = 10
"""How many steps a neighbourhood goes at most: past that it is the whole."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a drawing is of.

    `service` and `place` are IRIs and take in what lies under them; `start` and `end` bound the period, both days
    included; `as_of` is the day on which ties must hold. `minimum` is the least sum in pounds of the ties of one kind
    between two; `around` is the IRI of a node whose neighbourhood, up to `depth` steps, is wanted. `basis` says what
    sizes, shares and HHI go by: None takes money paid where there is any, else money awarded, else customers.
    `shared` is the least number of buyers that two suppliers share in the view of suppliers.
    """

    service: str | None = None
    place: str | None = None
    start: date | None = None
    end: date | None = None
    as_of: date | None = None
    level: Level = "entity"
    minimum: Decimal | None = None
    around: str | None = None
    depth: int = 1
    basis: Basis | None = None
    shared: int = 2

    @property
    def scope(self) -> Scope:
        """The market whose ties are taken."""
        if self.as_of is not None:
            return Scope(service=self.service, place=self.place, start=self.as_of, end=self.as_of)
        return Scope(service=self.service, place=self.place, start=self.start, end=self.end)

    @property
    def is_dated(self) -> bool:
        """Whether ties without any date are left out."""
        return not (self.start is None and self.end is None and self.as_of is None)

    def why_not(self, network: "Network", data: Mapping[str, Any]) -> str | None:
        """Return why a tie is left out; empty where it simply lies elsewhere, None where it is taken."""
        if data["guard"] is not None:
            return f"guarded as {data['guard']}"
        if self.service is None and self.place is None and not self.is_dated:
            return None
        if not in_scope(network, data, self.scope):
            return ""
        if self.is_dated and data["start"] is None and data["end"] is None:
            return "no date known"
        return None


def find_node(candidates: Mapping[str, str], name: str) -> str:
    """Return the IRI of a node from its IRI, key, slug or label.

    Parameters
    ----------
    candidates
        The labels of the nodes that there are, by IRI.
    name
        What it is called.

    Raises
    ------
    ScopeError
        Nothing has that name; the message offers the nearest.
    """
    wanted = name.casefold()
    found = sorted(iri for iri, label in candidates.items() if wanted in _names(iri, label))
    if found:
        return found[0]
    close = difflib.get_close_matches(wanted, _unique(label.casefold() for label in candidates.values()), n=3)
    shown = {label.casefold(): label for label in candidates.values()}
    advice = (
        f"the nearest: {', '.join(shown[label] for label in close)}" if close else "give its name as the file has it"
    )
    msg = f"nothing in this view is called {name!r}; {advice}"
    raise ScopeError(msg)


def _names(iri: str, label: str) -> tuple[str, ...]:
    key = key_of(iri) or iri
    return iri.casefold(), key.casefold(), key.rpartition("/")[2].casefold(), label.casefold()


def _unique(names: Iterable[str]) -> Sequence[str]:
    return list(dict.fromkeys(names))
