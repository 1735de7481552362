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
from typing import Final, Literal, NamedTuple

_HALF: Final = Decimal("0.5")

Why = Literal["joint", "circle", "at odds"]
"""Why an organisation with owners is in the group of none of them."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One ownership by the IRIs of both organisations: the days on which it holds for certain, None for no bound.

    It counts from the first day on which it must have begun to the last on which it cannot yet have ended, so that
    nothing is rolled up that may not have been owned.
    """

    owner: str
    owned: str
    controls: bool
    share: Decimal | None = None
    start: date | None = None
    end: date | None = None

    def at(self, day: date) -> bool:
        """Return whether it holds for certain on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


class Groups(NamedTuple):
    """Who belongs to which group on a day.

    `of` leads from every organisation in a group, its topmost owner among them, to that owner; `undecided` says why one
    that has owners is in the group of none: `joint` where none of them decides alone, `circle` where ownership leads
    back to where it began, `at odds` where two that began on the same day are each said to decide alone.
    """

    of: Mapping[str, str]
    undecided: Mapping[str, Why]


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
    >>> dict(group_at([Holding("steria", "venture", False), Holding("arvato", "venture", False)], date(2014, 1, 1))[1])
    {'venture': 'joint'}
    """
    by_owned: dict[str, list[Holding]] = defaultdict(list)
    for one in held:
        if one.at(day) and one.owner != one.owned:
            by_owned[one.owned].append(one)
    parents: dict[str, str] = {}
    undecided: dict[str, Why] = {}
    for owned, owners in sorted(by_owned.items()):
        # Of several that decide alone the one that came last has bought from the others.
        alone = [one for one in owners if one.controls]
        latest = max((one.start or date.min for one in alone), default=date.min)
        deciding = {one.owner for one in alone if (one.start or date.min) == latest}
        if len(deciding) == 1:
            (parents[owned],) = deciding
        else:
            undecided[owned] = "at odds" if deciding else "joint"
    while (venture := _joined(by_owned, parents, undecided)) is not None:
        parents |= [venture]
        del undecided[venture[0]]
    tops = {owned: _top(owned, parents) for owned in sorted(parents)}
    undecided |= {owned: "circle" for owned, top in tops.items() if top is None}
    of = {owned: top for owned, top in tops.items() if top is not None}
    of |= {top: top for top in of.values()}
    return Groups(dict(sorted(of.items())), dict(sorted(undecided.items())))


def _joined(
    by_owned: Mapping[str, Sequence[Holding]], parents: Mapping[str, str], undecided: Mapping[str, Why]
) -> tuple[str, str] | None:
    """Return a joint venture and the group whose members hold more than half of it between them, None where none is."""
    for owned in sorted(one for one, why in undecided.items() if why == "joint"):
        held: dict[str, list[Holding]] = defaultdict(list)
        for one in by_owned[owned]:
            top = _top(one.owner, parents)
            if top is not None and top != owned:
                held[top].append(one)
        for top, parts in held.items():
            # A sole partner with more than half was told not to decide alone; several of one group do together.
            if len({one.owner for one in parts}) > 1 and sum(one.share or 0 for one in parts) > _HALF:
                return owned, top
    return None


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
