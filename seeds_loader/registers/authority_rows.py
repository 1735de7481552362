"""The rows of the register of local authorities: their checks, and what they say of an authority and its place.

An authority is identified as org-id.guide has it: GB-LAE (England), GB-LAS (Scotland), GB-PLA (Wales) or GB-LANI
(Northern Ireland) with the register's code. Its statistical codes, now and formerly, are other identifiers, written
`GB-GSS-E08000025`: org-id.guide has no list of them, the form is ours. A place is known by its GSS code
(`place/e08000025`), or by its authority's identifier where it has none.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from civicgraph.graph.records.iris import slugify
from civicgraph.graph.records.register_types import Area, Authority
from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.registers.aliases import damaged
from civicgraph.seeds_loader.registers.rows import Row

GSS: Final = re.compile(r"[EKNSW]\d{8}")
"""A code of the Government Statistical Service."""

_BOUNDS: Final = (Decimal("49.8"), Decimal("60.9"), Decimal("-8.7"), Decimal("1.8"))
"""South, north, west and east of the United Kingdom's land, in degrees."""

_DECIMALS: Final = 10
"""Of degrees, as most of the register has."""

_AREA_LEVEL: Final = "authority-area"


@dataclass(frozen=True, slots=True)
class Rules:
    """Schemes and GSS codes of nations, GSS codes of regions, classes of types, by name."""

    schemes: Mapping[str, str]
    nations: Mapping[str, str]
    regions: Mapping[str, str]
    types: Mapping[str, str]


@cache
def rules() -> Rules:
    """Return what `registers.yaml` has on local authorities, read once."""
    text = files("civicgraph.seeds_loader.registers").joinpath("registers.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    nations = data["nations"]
    return Rules(
        {name: nation["scheme"] for name, nation in nations.items()},
        {name: nation["gss"] for name, nation in nations.items()},
        data["regions"],
        data["types"],
    )


def fault_of(row: Row, register: Mapping[str, Row]) -> Rejection | None:
    """Return the rejection of a row that says what cannot be, or a code that a row before it has."""
    cells, rule = row.cells, rules()
    for field, valid, remedy in (
        (
            "local-authority-code",
            bool(re.fullmatch(r"[A-Z]{2,5}(?:-[A-Z])?", cells["local-authority-code"])),
            "ADU, say",
        ),
        ("official-name", bool(cells["official-name"]) and not damaged(cells["official-name"]), "give the name"),
        ("nation", cells["nation"] in rule.nations, f"one of {', '.join(rule.nations)}"),
        ("region", cells["region"] in {"", cells["nation"], *rule.regions}, f"one of {', '.join(rule.regions)}"),
        ("local-authority-type", cells["local-authority-type"] in rule.types, f"one of {', '.join(rule.types)}"),
        ("gss-code", not cells["gss-code"] or bool(GSS.fullmatch(cells["gss-code"])), "E07000026, say"),
        ("start-date", _is_day(cells["start-date"]), "YYYY-MM-DD, or nothing"),
        ("end-date", _is_day(cells["end-date"]), "YYYY-MM-DD, or nothing"),
    ):
        if not valid:
            return row.fault(field, f"{cells[field]!r} will not do", remedy)
    if cells["start-date"] and cells["end-date"] and cells["end-date"] < cells["start-date"]:
        return row.fault("end-date", "before start-date", "correct one of them")
    first = register.get(cells["local-authority-code"])
    if first is not None:
        reason = f"{cells['local-authority-code']!r} stands in line {first.line} already"
        return row.fault("local-authority-code", reason, "keep one of the rows")
    return None


def dangling(row: Row, register: Mapping[str, Row]) -> Rejection | None:
    """Return the rejection of a row that names an authority which the register does not have."""
    for field in ("replaced-by", "county-la", "combined-authority"):
        for code in codes(row, field):
            if code not in register:
                return row.fault(field, f"{code!r} is no code of the register", "give a code that the register has")
            if code == row.cells["local-authority-code"]:
                return row.fault(field, "the authority itself", "give another, or none")
    return None


def areas(register: Mapping[str, Row], wanted: set[str]) -> Iterator[Area]:
    """Yield the nations, regions and authority areas that the wanted authorities lie in, each once, the wider first."""
    rule = rules()
    rows = [register[code] for code in sorted(_with_those_around(register, wanted))]
    for nation in sorted({row.cells["nation"] for row in rows}):
        yield Area(_key(rule.nations[nation]), nation, "country", gss=rule.nations[nation])
    for region, nation in sorted({(_region(register, row), row.cells["nation"]) for row in rows}):
        if region:
            gss = rule.regions[region]
            yield Area(_key(gss), region, "region", (_key(rule.nations[nation]),), gss)
    for row in rows:
        around = (*codes(row, "county-la"), *codes(row, "combined-authority"))
        region, nation = _region(register, row), rule.nations[row.cells["nation"]]
        within = [_area_key(register[code]) for code in around]
        within += [_key(gss) for gss in (rule.regions.get(region, ""), nation) if gss]
        centre = position(row) or (None, None)
        name = row.cells["nice-name"] or row.cells["official-name"]
        yield Area(_area_key(row), name, _AREA_LEVEL, tuple(within), row.cells["gss-code"] or None, *centre)


def _with_those_around(register: Mapping[str, Row], wanted: set[str]) -> set[str]:
    around = {
        code for at in wanted for field in ("county-la", "combined-authority") for code in codes(register[at], field)
    }
    return wanted | around


def authority(register: Mapping[str, Row], code: str, aliases: tuple[str, ...], gss: Sequence[str]) -> Authority:
    """Return the authority of a code, with the names and statistical codes that are its own."""
    row = register[code]
    successors = [register[successor] for successor in codes(row, "replaced-by")]
    ends = row.cells["end-date"]
    if ends and ends in {successor.cells["start-date"] for successor in successors}:
        # The register gives the successor's first day in some years, and the last day in others.
        ends = (date.fromisoformat(ends) - timedelta(days=1)).isoformat()
    return Authority(
        identifier=_identifier(row),
        name=row.cells["official-name"],
        cls=rules().types[row.cells["local-authority-type"]],
        record=row.place,
        aliases=aliases,
        other_identifiers=tuple(f"GB-GSS-{one}" for one in gss),
        starts=row.cells["start-date"] or None,
        ends=ends or None,
        successors=tuple(_identifier(successor) for successor in successors),
        area=_area_key(row),
    )


def _region(register: Mapping[str, Row], row: Row) -> str:
    """Return the region; where the register has none for an abolished authority, that of its successors."""
    if row.cells["region"] == row.cells["nation"]:
        return ""
    if row.cells["region"]:
        return row.cells["region"]
    regions = {_region(register, register[code]) for code in codes(row, "replaced-by")}
    return next(iter(regions)) if len(regions) == 1 else ""


def position(row: Row) -> tuple[Decimal, Decimal] | None:
    """Return the latitude and longitude of a row, or None where it has none or they are not in the country."""
    try:
        latitude, longitude = _degrees(row.cells["lat"]), _degrees(row.cells["long"])
    except InvalidOperation:
        return None
    south, north, west, east = _BOUNDS
    # Not a number is less than nothing and raises when compared.
    finite = latitude.is_finite() and longitude.is_finite()
    return (latitude, longitude) if finite and south < latitude < north and west < longitude < east else None


def _degrees(text: str) -> Decimal:
    """Return degrees to a hundredth of a millimetre.

    Some have seventeen decimals, the noise of floating-point numbers, and engines keep fifteen or eighteen.
    """
    degrees = Decimal(text)
    return round(degrees, _DECIMALS) if degrees.is_finite() else degrees


def codes(row: Row, field: str) -> tuple[str, ...]:
    """Return the codes in one cell."""
    return tuple(code.strip() for code in row.cells[field].split(",") if code.strip())


def _identifier(row: Row) -> str:
    return f"{rules().schemes[row.cells['nation']]}-{row.cells['local-authority-code']}"


def _area_key(row: Row) -> str:
    return _key(row.cells["gss-code"] or _identifier(row))


def _key(code: str) -> str:
    return f"place/{slugify(code)}"


def _is_day(text: str) -> bool:
    try:
        return not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
