"""Records of registers: authorities, areas, owners and code lists."""

from dataclasses import dataclass
from decimal import Decimal

from civicgraph.graph.records.types import Party


@dataclass(frozen=True, slots=True)
class Authority:
    """A public body of a register, with what the register knows of it.

    `successors` are identifiers of the bodies that took over; `places` keys (`place/...`) of the areas it lies in,
    the nearest first; `ends` is its last day.
    """

    identifier: str
    name: str
    cls: str
    record: str
    aliases: tuple[str, ...] = ()
    other_identifiers: tuple[str, ...] = ()
    starts: str | None = None
    ends: str | None = None
    successors: tuple[str, ...] = ()
    area: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A place of a register: country, region or authority area, with its centre in degrees where known."""

    key: str
    name: str
    level: str
    within: tuple[str, ...] = ()
    gss: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Ownership:
    """That one organisation holds a part of another, as a file of ownership says.

    `share` is the part, 0 to 1; `controls` whether the owner decides alone; `starts` and `ends` are EDTF text, None
    where nothing is said; `ground` is who says so; `record` where the file has it.
    """

    owner: Party
    owned: Party
    controls: bool
    ground: str
    record: str
    share: Decimal | None = None
    starts: str | None = None
    ends: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the Common Procurement Vocabulary."""

    code: str
    check_digit: str
    label: str
    parent: str | None
