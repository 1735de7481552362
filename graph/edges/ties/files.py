"""Ties kept with a snapshot: a file a column, read by memory map.

    ties/<column>.npy                          one number a row
    ties/<services|places>.<offsets|codes>.npy
    ties/<edges|iris|names>.<blob|offsets>.npy texts
    ties/header.json                           what the codes of few values stand for

They can be made again from what SPARQL answers, see `from_network`.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from civicgraph.graph.edges.ties.arrays import COLUMNS, Array, Parties, Ragged, Texts, Ties

FOLDER: Final = "ties"
_HEADER: Final = "header.json"
_RAGGED: Final = ("services", "places")
_PARTIES: Final = ("classes", "collective", "if_refused", "if_taken")


class TiesFileError(ValueError):
    """The ties of a snapshot cannot be read."""


def write_ties(ties: Ties, snapshot: Path) -> None:
    """Write ties into the folder of a snapshot that is being built."""
    folder = snapshot / FOLDER
    folder.mkdir()
    for name, column in _columns(ties):
        with (folder / f"{name}.npy").open("wb") as file:
            np.save(file, column, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
    header = {
        "class_names": ties.parties.class_names,
        "things": ties.things,
        "currencies": ties.currencies,
        "guards": ties.guards,
        "labels": ties.labels,
        "broader": {narrow: sorted(broad) for narrow, broad in ties.broader.items()},
        "as_of": None if ties.as_of is None else ties.as_of.isoformat(),
        "version": ties.version,
    }
    _write_header(folder, header)


def has_ties(snapshot: Path) -> bool:
    """Return whether the folder of a snapshot holds ties."""
    return (snapshot / FOLDER / _HEADER).exists()


def link_ties(base: Path, snapshot: Path, version: str) -> None:
    """Give a snapshot that is being built the ties of another one under its own version, as the same files on disk."""
    folder = snapshot / FOLDER
    folder.mkdir()
    for file in (base / FOLDER).glob("*.npy"):
        (folder / file.name).hardlink_to(file)
    header = json.loads((base / FOLDER / _HEADER).read_text(encoding="utf-8"))
    _write_header(folder, header | {"version": version})


def read_ties(snapshot: Path) -> Ties:
    """Return the ties of a snapshot, their columns mapped into memory and not read before they are used.

    Raises
    ------
    TiesFileError
        A file is missing or damaged.
    """
    folder = snapshot / FOLDER

    def column(name: str) -> Array:
        found: Array = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        return found

    def texts(name: str) -> Texts:
        return Texts(column(f"{name}.blob"), column(f"{name}.offsets"))

    try:
        header: Mapping[str, Any] = json.loads((folder / _HEADER).read_text(encoding="utf-8"))
        columns: dict[str, Any] = {name: column(name) for name in COLUMNS}
        columns |= {name: Ragged(column(f"{name}.offsets"), column(f"{name}.codes")) for name in _RAGGED}
        return Ties(
            **columns,
            edges=texts("edges"),
            parties=Parties(
                iris=texts("iris"),
                names=texts("names"),
                class_names=tuple(header["class_names"]),
                **{name: column(name) for name in _PARTIES},
            ),
            things=tuple(header["things"]),
            currencies=tuple(header["currencies"]),
            guards=tuple(header["guards"]),
            labels=header["labels"],
            broader={narrow: frozenset(broad) for narrow, broad in header["broader"].items()},
            as_of=None if header["as_of"] is None else date.fromisoformat(header["as_of"]),
            version=header["version"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{folder} is damaged ({error}); load its sources again into a new folder"
        raise TiesFileError(msg) from error


def _write_header(folder: Path, header: Mapping[str, Any]) -> None:
    with (folder / _HEADER).open("w", encoding="utf-8") as file:
        json.dump(header, file, ensure_ascii=False, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())


def _columns(ties: Ties) -> Iterator[tuple[str, Array]]:
    for name in COLUMNS:
        yield name, getattr(ties, name)
    for name in _RAGGED:
        ragged: Ragged = getattr(ties, name)
        yield f"{name}.offsets", ragged.offsets
        yield f"{name}.codes", ragged.codes
    for name in _PARTIES:
        yield name, getattr(ties.parties, name)
    for name, texts in (("edges", ties.edges), ("iris", ties.parties.iris), ("names", ties.parties.names)):
        yield f"{name}.blob", texts.blob
        yield f"{name}.offsets", texts.offsets
