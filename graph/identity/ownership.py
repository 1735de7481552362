"""Legal entities and groups: who belongs to which group at a day, from dated facts of ownership and nothing else.

An owner that decides alone (it holds more than half, or acquired the whole) makes the organisation part of its group;
the group is named by its topmost owner. Where two owners each decide alone, the one whose ownership began last has
bought from the other. A joint venture that no partner decides over alone belongs to no partner's group, unless partners
of one group hold more than half of it between them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from civicgraph.graph.engine.interface import Engine, Row, rows, text

_HALF: Final = Decimal("0.5")

Why = Literal["joint", "circle", "at odds"]
"""Why an organisation with owners is in the group of none of them."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One ownership by the IRIs of both organisations: the days on which it holds for certain, None for no bound."""

    owner: str
    owned: str
    controls: bool
    share: Decimal | None = None
    start: date | None = None
    end: date | None = None

    def at(self, day: date) -> bool:
        """Return whether it holds for certain on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Undecided:
    """An organisation that has owners on a day and is in the group of none.

    `why` is `joint` where none of them decides alone, `circle` where ownership leads back to where it began, `at odds`
    where two that began on the same day are each said to decide alone.
    """

    organisation: str
    why: Why
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """Who belongs to which group on a day.

    `of` leads from every organisation in a group, its topmost owner among them, to that owner; `undecided` holds those
    that have owners and are in no owner's group, in the order of their IRIs.
    """

    of: Mapping[str, str]
    undecided: tuple[Undecided, ...] = ()


def holdings(engine: Engine) -> list[Holding]:
    """Return every established ownership, whenever it held.

    It counts from the first day on which it must have begun to the last on which it cannot yet have ended, so that
    nothing is rolled up that may not have been owned.
    """
    return [
        Holding(
            owner=text(row, "owner"),
            owned=text(row, "owned"),
            controls=_text(row, "controls") == "true",
            share=None if (share := _text(row, "share")) is None else Decimal(share),
            start=_day(row, "startLatest") or _day(row, "start"),
            end=_day(row, "endEarliest") or _day(row, "end"),
        )
        for row in rows(engine, "ownerships")
    ]


def group_at(held: Iterable[Holding], day: date) -> Groups:
    """Return who belongs to which group on a day.

    Examples
    --------
    >>> held = [
    ...     Holding("serco", "intelenet", True, start=date(2011, 6, 4)),
    ...     Holding("blackstone", "intelenet", True, start=date(2015, 11, 1)),
    ... ]
    >>> [dict(group_at(held, date(year, 1, 1)).of) for year in (2011, 2012, 2016)]
    [{}, {'intelenet': 'serco', 'serco': 'serco'}, {'blackstone': 'blackstone', 'intelenet': 'blackstone'}]
    >>> group_at(
    ...     [Holding("steria", "venture", False), Holding("cabinet-office", "venture", False)], date(2014, 1, 1)
    ... ).undecided
    (Undecided(organisation='venture', why='joint', owners=('cabinet-office', 'steria')),)
    """
    by_owned: dict[str, list[Holding]] = defaultdict(list)
    for one in held:
        if one.at(day) and one.owner != one.owned:
            by_owned[one.owned].append(one)
    parents: dict[str, str] = {}
    undecided: dict[str, Undecided] = {}
    for owned, owners in sorted(by_owned.items()):
        deciding = _last(owners)
        if len(deciding) == 1:
            parents[owned] = deciding[0]
        else:
            why: Why = "at odds" if deciding else "joint"
            undecided[owned] = Undecided(owned, why, tuple(sorted(deciding or {one.owner for one in owners})))
    _roll_up_shares(by_owned, parents, undecided)
    tops = {owned: _top(owned, parents) for owned in sorted(parents)}
    for owned, top in tops.items():
        if top is None:
            undecided[owned] = Undecided(owned, "circle", (parents[owned],))
    of = {owned: top for owned, top in tops.items() if top is not None}
    of |= {top: top for top in of.values()}
    return Groups(dict(sorted(of.items())), tuple(undecided[owned] for owned in sorted(undecided)))


def _last(owners: Sequence[Holding]) -> list[str]:
    """Return the owner that decides alone: of several the one that came last, of several on one day all of them."""
    deciding = [one for one in owners if one.controls]
    latest = max((one.start or date.min for one in deciding), default=date.min)
    return sorted({one.owner for one in deciding if (one.start or date.min) == latest})


def _roll_up_shares(
    by_owned: Mapping[str, Sequence[Holding]], parents: dict[str, str], undecided: dict[str, Undecided]
) -> None:
    """Give a joint venture to the group whose members hold more than half of it between them, until none is left."""
    found = True
    while found:
        found = False
        for owned in sorted(one for one, what in undecided.items() if what.why == "joint"):
            sums: dict[str, Decimal] = defaultdict(Decimal)
            for one in by_owned[owned]:
                top = _top(one.owner, parents)
                if top is not None and top != owned:
                    sums[top] += one.share or 0
            for top, share in sums.items():
                # A sole partner with more than half was told not to decide alone; several of one group do together.
                partners = {one.owner for one in by_owned[owned] if _top(one.owner, parents) == top}
                if share > _HALF and len(partners) > 1:
                    parents[owned] = top
                    del undecided[owned]
                    found = True
                    break


def _top(owned: str, parents: Mapping[str, str]) -> str | None:
    """Return the topmost owner, the organisation itself if nobody owns it, or None where ownership goes in a circle."""
    seen = set()
    at = owned
    while at in parents:
        if at in seen:
            return None
        seen.add(at)
        at = parents[at]
    return at


def _text(row: Row, name: str) -> str | None:
    found = row[name]
    return None if found is None else found.value


def _day(row: Row, name: str) -> date | None:
    text = _text(row, name)
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None  # no date, which civicgraph check reports
