"""What figures are asked for: the same words on the command line and in a query string."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from civicgraph.graph.edges.scope import Basis, Level, Scope, find_place, find_service
from civicgraph.graph.edges.selection import Selection
from civicgraph.graph.edges.ties.arrays import Ties
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.measures.figures import By, Figure, figures, figures_over_time
from civicgraph.graph.measures.series import Every


@dataclass(frozen=True, slots=True)
class Asked:
    """Figures as somebody asks for them; service types and places by slug, IRI or name."""

    by: By = "market"
    basis: Basis = "customers"
    service: str | None = None
    place: str | None = None
    start: date | None = None
    end: date | None = None
    level: Level = "entity"
    every: Every | None = None
    currency: str = "GBP"
    cap: float | None = None
    plans: bool = False
    structure: bool = False

    def scope(self, ties: Ties) -> Scope:
        """Return the market that is meant.

        Raises
        ------
        ScopeError
            No service type or place has that name; the nearest names are in the message.
        """
        return Scope(
            service=None if self.service is None else find_service(ties.labels, self.service),
            place=None if self.place is None else find_place(ties.labels, self.place),
            start=self.start,
            end=self.end,
            basis=self.basis,
            level=self.level,
            currency=self.currency.upper(),
            cap=self.cap,
            plans=self.plans,
        )

    def figures(self, ties: Ties, whole: Selection) -> Sequence[Figure]:
        """Return the figures of a market, given its ties and all ties.

        Raises
        ------
        ScopeError
            They would be of too many periods.
        """
        if self.every is None:
            return figures(ties, whole.scope, self.by, structure=self.structure, whole=whole)
        return figures_over_time(ties, whole.scope, self.by, self.every, structure=self.structure)


class HasEngine(Protocol):
    """A snapshot that is held for reading."""

    @property
    def engine(self) -> Engine:
        """Its store."""


def at_level(ties: Ties, asked: Asked, snapshot: Callable[[], AbstractContextManager[HasEngine]]) -> Ties:
    """Return ties between legal entities, or between groups as they were on the last day asked for, or the as-of date.

    Parameters
    ----------
    ties
        Between legal entities.
    asked
        The figures.
    snapshot
        Opens the snapshot, for who belongs to whom.
    """
    if asked.level == "entity":
        return ties
    from civicgraph.graph.edges.level import rolled_up  # noqa: PLC0415
    from civicgraph.graph.edges.surroundings import named_in  # noqa: PLC0415
    from civicgraph.graph.identity.ownership import groups  # noqa: PLC0415 - only groups need the store

    day = asked.end or ties.as_of
    with snapshot() as held:
        led = {} if day is None else groups(held.engine, day)
        return rolled_up(ties, led, named_in(held.engine, set(led.values()) - set(ties.parties.iris)))
