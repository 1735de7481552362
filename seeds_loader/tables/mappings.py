"""Mapping files: proposed for a table as far as its columns are known, and remembered for its publisher."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from civicgraph.graph.records.iris import short_hash, slugify
from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.tables.columns import SETTINGS, Kind, known_headers, lacking, places, read_mapping
from civicgraph.seeds_loader.tables.headers import plain
from civicgraph.seeds_loader.tables.spending import buyer_from_name
from civicgraph.seeds_loader.tables.table import read_table


def propose_mapping(path: Path, kind: Kind = "spending") -> str:
    """Return the text of a mapping file for a table, to be completed by a person.

    What is known by its name is filled in.

    Raises
    ------
    SourceFileError
        The file cannot be read as a table.
    """
    table = read_table(path, known_headers(kind=kind))
    placed = places(table, {}, kind)
    lines = [f"# Which column of {path.name} is what. Its headers are:"]
    lines += [f"#   {header}" for header in table.headers if header]
    lines += [f"{role}: # write the header of its column" for role in lacking(placed, kind)]
    for role, found in placed.items():
        names = [_quoted(table.headers[at]) for at in found]
        if names:
            lines.append(
                f"{role}: [{', '.join(names)}]" if role == "description" and names[1:] else f"{role}: {names[0]}"
            )
    return "\n".join(lines) + "\n"


def remember_mapping(data: Path, path: Path, kind: Kind, mapping: Mapping[str, str]) -> None:
    """Keep a mapping that a table was loaded by, for later tables of the same publisher."""
    kept = _kept(data, path, kind)
    kept.parent.mkdir(parents=True, exist_ok=True)
    said = {role: names.split("\n") if "\n" in names else names for role, names in mapping.items()}
    kept.write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), encoding="utf-8")


def mapping_for(
    data: Path, path: Path, kind: Kind, given: Mapping[str, str] | None
) -> tuple[Mapping[str, str] | None, tuple[Rejection, ...]]:
    """Return the mapping to read a table by, and what to tell of it.

    It is the one that is given, else the one that is kept for the table's publisher, if the table has its headers.
    """
    if given is not None:
        return given, ()
    if not any((data / "mappings").glob(f"*-{kind}.yaml")):
        # To know the publisher of a table may take reading it.
        return None, ()
    try:
        if not (kept := _kept(data, path, kind)).exists():
            return None, ()
        mapping = read_mapping(kept, kind)
        headers = set(map(plain, read_table(path, known_headers(mapping, kind)).headers))
    except SourceFileError:
        # Whoever reads the table says what is wrong with it.
        return None, ()
    wanted = (name for role, names in mapping.items() if role not in SETTINGS for name in names.split("\n"))
    if not headers.issuperset(map(plain, wanted)):
        return None, ()
    reason = f"its columns are read by what was mapped before for this publisher ({kept})"
    told = Rejection(path.name, 1, "header", reason, "delete that file to forget it", "", partial=True)
    return mapping, (told,)


def _kept(data: Path, path: Path, kind: Kind) -> Path:
    body = buyer_from_name(path)
    publisher = slugify(body.name) if body is not None else f"table-{short_hash(*read_table(path).headers)}"
    return data / "mappings" / f"{publisher}-{kind}.yaml"


def _quoted(header: str) -> str:
    return yaml.safe_dump(header, allow_unicode=True, width=10**6).strip().removesuffix("...").strip()
