"""Local authorities and the places they govern, from mySociety's register.

An authority is identified as org-id.guide has it: GB-LAE (England), GB-LAS (Scotland), GB-PLA (Wales) or GB-LANI
(Northern Ireland) with the register's code. Its statistical codes, now and formerly, are other identifiers, written
`GB-GSS-E08000025`: org-id.guide has no list of them, the form is ours. A place is known by its GSS code
(`place/e08000025`), or by its authority's identifier where it has none.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from civicgraph.graph.records.iris import slugify
from civicgraph.graph.records.register_types import Area, Authority
from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.registers.bodies import find, read_register
from civicgraph.seeds_loader.registers.rows import REGISTERS, Row, damaged, kind_of
from civicgraph.seeds_loader.yaml_lines import own_yaml

_GSS: Final = re.compile(r"[EKNSW]\d{8}")
"""A code of the Government Statistical Service."""

_COMMA: Final = re.compile(r",(?! )")
"""Between two names in one cell; a comma and a space stand within a name."""

_BOUNDS: Final = (Decimal("49.8"), Decimal("60.9"), Decimal("-8.7"), Decimal("1.8"))
"""South, north, west and east of the United Kingdom's land, in degrees."""

_DECIMALS: Final = 10
"""Of degrees, as most of the register has: some have seventeen, the noise of floating-point numbers."""


def read_authorities(path: Path) -> Iterator[Authority | Area | Rejection]:
    """Yield nations, regions, authorities, their areas, and what was rejected.

    Parameters
    ----------
    path
        A register of local authorities, or a folder with it; see `find`.

    Yields
    ------
    Authority | Area | Rejection
        Areas before the authorities that they belong to.

    Raises
    ------
    SourceFileError
        The file cannot be read as a register.
    """
    kind = kind_of("authorities")
    rows, faults = read_register(find(path, kind)[0], kind, _check)
    yield from faults
    yield from _areas(rows)
    for row in rows.values():
        yield from _lost_fields(row)
        yield _authority(rows, row)


def _check(row: Row, rows: Mapping[str, Row]) -> Rejection | None:
    """Return the rejection of a row whose nation, region or type there is not, or that names no authority."""
    cells, data = row.cells, own_yaml(REGISTERS)
    for field, known in (
        ("nation", data["nations"]),
        ("region", {"", cells["nation"], *data["regions"]}),
        ("local-authority-type", data["types"]),
    ):
        if cells[field] not in known:
            return row.fault(field, f"{cells[field]!r} will not do", f"one of {', '.join(sorted(filter(None, known)))}")
    for field in ("replaced-by", "county-la", "combined-authority"):
        for code in _codes(row, field):
            if code not in rows:
                return row.fault(field, f"{code!r} is not a code of the register", "give a code that the register has")
            if code == cells["local-authority-code"]:
                return row.fault(field, "the authority itself", "give another, or none")
    return None


def _lost_fields(row: Row) -> Iterator[Rejection]:
    """Yield the names of a row that are damaged, and a position that is none."""
    for name in filter(damaged, _names(row)):
        yield row.fault("alt-names", f"letters of {name!r} are lost", "write it as it was", partial=True)
    if _position(row) is None and (row.cells["lat"] or row.cells["long"]):
        reason = f"{row.cells['lat']!r}, {row.cells['long']!r} is not in the United Kingdom"
        yield row.fault("lat", reason, "degrees north and east (WGS 84)", partial=True)


def _names(row: Row) -> list[str]:
    """Return the names of an authority beside its official one, each in its first spelling."""
    named = (part.strip() for field in ("nice-name", "alt-names") for part in _COMMA.split(row.cells[field]))
    first: dict[str, str] = {}
    for name in named:
        first.setdefault(name.casefold(), name)
    return [name for key, name in first.items() if key not in ("", row.cells["official-name"].casefold())]


def _areas(rows: Mapping[str, Row]) -> Iterator[Area]:
    """Yield the nations, regions and authority areas, each once, the wider first."""
    nations: Mapping[str, Any] = own_yaml(REGISTERS)["nations"]
    regions: Mapping[str, str] = own_yaml(REGISTERS)["regions"]
    listed = [rows[code] for code in sorted(rows)]
    for nation in sorted({row.cells["nation"] for row in listed}):
        gss = nations[nation]["gss"]
        yield Area(_key(gss), nation, "country", gss=gss)
    for region, nation in sorted({(_region(rows, row), row.cells["nation"]) for row in listed}):
        if region:
            yield Area(_key(regions[region]), region, "region", (_key(nations[nation]["gss"]),), regions[region])
    for row in listed:
        around = (*_codes(row, "county-la"), *_codes(row, "combined-authority"))
        wider = (regions.get(_region(rows, row), ""), nations[row.cells["nation"]]["gss"])
        within = (*(_area_key(rows[code]) for code in around), *(_key(gss) for gss in wider if gss))
        centre = _position(row) or (None, None)
        name = row.cells["nice-name"] or row.cells["official-name"]
        yield Area(_area_key(row), name, "authority-area", within, row.cells["gss-code"] or None, *centre)


def _authority(rows: Mapping[str, Row], row: Row) -> Authority:
    """Return an authority, with its names and statistical codes."""
    former = filter(_GSS.fullmatch, _codes(row, "former-gss-codes"))
    successors = [rows[successor] for successor in _codes(row, "replaced-by")]
    ends = row.cells["end-date"]
    if ends and ends in {successor.cells["start-date"] for successor in successors}:
        # The register gives the successor's first day in some years, and the last day in others.
        ends = (date.fromisoformat(ends) - timedelta(days=1)).isoformat()
    return Authority(
        identifier=_identifier(row),
        name=row.cells["official-name"],
        cls=own_yaml(REGISTERS)["types"][row.cells["local-authority-type"]],
        record=row.place,
        aliases=tuple(name for name in _names(row) if not damaged(name)),
        other_identifiers=tuple(f"GB-GSS-{one}" for one in (row.cells["gss-code"], *former) if one),
        starts=row.cells["start-date"] or None,
        ends=ends or None,
        successors=tuple(map(_identifier, successors)),
        area=_area_key(row),
    )


def _region(rows: Mapping[str, Row], row: Row) -> str:
    """Return the region; where the register has none for an abolished authority, that of its successors."""
    if row.cells["region"]:
        return "" if row.cells["region"] == row.cells["nation"] else row.cells["region"]
    regions = {_region(rows, rows[code]) for code in _codes(row, "replaced-by")}
    return next(iter(regions)) if len(regions) == 1 else ""


def _position(row: Row) -> tuple[Decimal, Decimal] | None:
    """Return the latitude and longitude of a row, or None where it has none or they are not in the country."""
    try:
        latitude, longitude = Decimal(row.cells["lat"]), Decimal(row.cells["long"])
    except InvalidOperation:
        return None
    south, north, west, east = _BOUNDS
    # Not a number is less than nothing and raises when compared.
    if not (latitude.is_finite() and longitude.is_finite() and south < latitude < north and west < longitude < east):
        return None
    return round(latitude, _DECIMALS), round(longitude, _DECIMALS)


def _codes(row: Row, field: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in row.cells[field].split(",") if code.strip())


def _identifier(row: Row) -> str:
    return f"{own_yaml(REGISTERS)['nations'][row.cells['nation']]['scheme']}-{row.cells['local-authority-code']}"


def _area_key(row: Row) -> str:
    return _key(row.cells["gss-code"] or _identifier(row))


def _key(code: str) -> str:
    return f"place/{slugify(code)}"
