"""A market as a scope: service types, places, a period, a basis; and how its names are found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from civicgraph.graph.records.iris import BASE

if TYPE_CHECKING:
    from civicgraph.graph.edges.network import Network  # imports networkx, which figures of a snapshot do not need

Basis = Literal["value", "spend", "contracts", "customers", "services"]
"""What a share is a share of. Bases are never added to one another."""

Level = Literal["entity", "group"]
"""Whether a subsidiary counts for itself or for its group."""

BASES: Final[tuple[Basis, ...]] = get_args(Basis)
MONEY: Final[frozenset[Basis]] = frozenset({"value", "spend"})
"""Bases that weigh by money, in one currency."""

KIND_OF_BASIS: Final[Mapping[Basis, str | None]] = {
    "value": "contract",
    "contracts": "contract",
    "spend": "spend",
    "services": "service",
    "customers": None,
}

COLLECTIVE: Final = "collective, no single body"
_ALIKE: Final = 50
"""How alike names must be to be offered for one another, 0 to 100."""

NO_CURRENCY: Final = "no currency stated"
NO_DATES: Final = "no date known"
NO_SUPPLIER: Final = "no supplier named"
NO_VALUE: Final = "no value known"
OTHER_CURRENCY: Final = "in another currency"


class ScopeError(ValueError):
    """A scope names something that is not in the data: the nearest names are in the message."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a market holds.

    `service` and `place` are IRIs and take in what lies under them; None stands for all. `start` and `end` bound
    the period, both days included. `level` says what the parties of the ties are, which must have been rolled up to
    groups for `group`. On the bases of money only what is in `currency` counts, and `cap` is the most that a contract
    or spend without a known value is taken for, by default the largest known one in the scope. `plans` takes in what is
    planned beside what is established.
    """

    service: str | None = None
    place: str | None = None
    start: date | None = None
    end: date | None = None
    basis: Basis = "customers"
    level: Level = "entity"
    currency: str = "GBP"
    cap: float | None = None
    plans: bool = False


def in_period(network: "Network", start: date | None, end: date | None) -> tuple["Network", int]:
    """Return the part of a network that may have held in a period, and how many ties were left out undated.

    Parameters
    ----------
    network
        As `civicgraph.graph.edges.network.build_network` returns it.
    start, end
        First and last day; None for no bound.
    """
    scope = Scope(start=start, end=end)
    edges = network.edges(keys=True, data=True)
    within = [(buyer, supplier, key) for buyer, supplier, key, data in edges if in_scope(network, data, scope)]
    bounded = start is not None or end is not None
    dated = [edge for edge in within if not bounded or network.edges[edge]["start"] or network.edges[edge]["end"]]
    # The stub knows edges without keys only.
    return network.edge_subgraph(dated).copy(), len(within) - len(dated)  # type: ignore[arg-type]


def in_scope(network: "Network", data: Mapping[str, Any], scope: Scope) -> bool:
    """Return whether an edge of a network, given by its attributes, may lie in a scope, whatever its basis."""
    broader: Mapping[str, frozenset[str]] = network.graph["broader"]

    def under(things: tuple[str, ...], wanted: str | None) -> bool:
        return wanted is None or any(thing == wanted or wanted in broader.get(thing, ()) for thing in things)

    ended = scope.start is not None and data["end"] is not None and data["end"] < scope.start
    not_begun = scope.end is not None and data["start"] is not None and data["start"] > scope.end
    return not (ended or not_begun) and under(data["services"], scope.service) and under(data["places"], scope.place)


def find_service(labels: Mapping[str, str], name: str) -> str:
    """Return the IRI of a service type from its IRI, slug or label.

    Raises
    ------
    ScopeError
        Nothing has that name; the message offers the nearest names.
    """
    return _find({iri: label for iri, label in labels.items() if not is_place(iri)}, name, "service type")


def find_place(labels: Mapping[str, str], name: str) -> str:
    """Return the IRI of a place from its IRI, slug or label; errors are those of `find_service`."""
    return _find({iri: label for iri, label in labels.items() if is_place(iri)}, name, "place")


def is_place(iri: str) -> bool:
    """Return whether an IRI is that of a place."""
    return iri.startswith(f"{BASE}place/")


def slug_of(iri: str) -> str:
    """Return the last part of an IRI.

    >>> slug_of("https://example.org/id/place/kent")
    'kent'
    """
    return iri.rpartition("#")[2].rpartition("/")[2]


def _find(known: Mapping[str, str], name: str, what: str) -> str:
    wanted = " ".join(name.casefold().split())
    for iri, label in known.items():
        if wanted in (iri.casefold(), slug_of(iri), label.casefold()):
            return iri
    raise nothing_called(known, name, what)


def nothing_called(known: Mapping[str, str], name: str, what: str) -> ScopeError:
    """Return the error that nothing has a name, with the nearest of those that there are.

    Parameters
    ----------
    known
        What there is, by IRI and label.
    name
        What was asked for.
    what
        What it should have been, for the message: `place`.
    """
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only a name that nothing has needs it

    wanted = " ".join(name.casefold().split())
    # Each by its label and by its slug, and offered once, by its label.
    names = {label.casefold(): label for label in known.values()}
    names |= {slug_of(iri): label for iri, label in known.items() if slug_of(iri) not in names}
    alike = process.extract(wanted, names.keys(), scorer=fuzz.ratio, limit=6, score_cutoff=_ALIKE) if wanted else []
    # Who stops early, adds a word or gives one of many is near though the letters differ much.
    close = [label for folded, label in names.items() if wanted and f"{wanted} ".startswith(f"{folded} ")]
    close += [label for folded, label in names.items() if wanted and folded.startswith(wanted)]
    close += [names[match] for match, *_ in alike]
    close += [label for folded, label in names.items() if wanted and wanted in folded]
    nearest = list(dict.fromkeys(close))[:3]
    advice = f"the nearest: {', '.join(nearest)}" if nearest else "civicgraph query can list what there is"
    return ScopeError(f"no {what} is called {name!r}; {advice}")
