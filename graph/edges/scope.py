"""A scope: which rows of the edge table are meant, on which basis they weigh, and what is left out of a figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, get_args

Basis = Literal["value", "spend", "contracts", "customers", "services"]
"""What a share is a share of. Bases are never added to one another."""

Level = Literal["entity", "group"]
"""Whether a subsidiary counts for itself or for its group."""

Certainty = Literal["asserted", "reported", "speculative"]
"""How certain the least certain claim behind an edge is; records are asserted."""

BASES: Final[tuple[Basis, ...]] = get_args(Basis)
CERTAINTIES: Final[tuple[Certainty, ...]] = get_args(Certainty)
MONEY: Final[frozenset[Basis]] = frozenset({"value", "spend"})
"""Bases that weigh by money, in one currency."""

KIND_OF_BASIS: Final[Mapping[Basis, str | None]] = {
    "value": "contract",
    "contracts": "contract",
    "spend": "spend",
    "services": "service",
    "customers": None,
}


MARKS: Final[Mapping[str, str]] = {"sectors": "sector", "sizes": "size", "lots": "lot", "vat": "vat"}
"""Fields of a scope that choose by what files say of their rows, with the columns of the table `mark`."""


class ScopeError(ValueError):
    """A scope cannot be meant; where a name is not in the data, with what was `asked` for and the `nearest` names."""

    def __init__(self, message: str, asked: str = "", nearest: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.asked = asked
        self.nearest = tuple(nearest)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which edges are meant.

    Attributes
    ----------
    services, places
        IRIs of service types and places, any of them, each with all that lies under it; empty for all.
    buyers, suppliers
        IRIs of parties, any of them; empty for all.
    start, end
        The period, both days included; None for no bound.
    basis
        What weighs: `value` what was awarded, `spend` what was paid or sold, `contracts` and `services` how many,
        `customers` each buyer of a supplier once.
    level
        Legal entities, or the groups that they belonged to on the last day of the period, else on the as-of date.
    certainty
        The least certain that counts; None for all.
    currency
        On the bases of money, the only currency that counts.
    minimum
        The least amount, in the currency's units, that a buyer and a supplier must have between them; None for any.
    plans
        Whether what is planned counts beside what is established.
    sectors, sizes, lots
        Of rows whose files say so: the buyer's sectors, the supplier's sizes (`SME`, `Large`), a framework's lots, any
        of them in any case; empty for all.
    vat
        `net` or `gross`: only money that is said to be without, or with, value-added tax; empty for all.
    """

    services: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    buyers: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    basis: Basis = "customers"
    level: Level = "entity"
    certainty: Certainty | None = None
    currency: str = "GBP"
    minimum: Decimal | None = None
    plans: bool = False
    sectors: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    vat: tuple[str, ...] = ()

    @property
    def is_dated(self) -> bool:
        """Whether what has no date is left out."""
        return self.start is not None or self.end is not None

    @property
    def is_money(self) -> bool:
        """Whether it weighs by money."""
        return self.basis in MONEY


def slug_of(iri: str) -> str:
    """Return the last part of an IRI.

    >>> slug_of("https://example.org/id/place/kent")
    'kent'
    """
    return iri.rpartition("#")[2].rpartition("/")[2]
