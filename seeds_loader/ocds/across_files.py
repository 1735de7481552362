"""Which processes have releases in several files, and which source each then belongs to.

Weekly downloads give a tender in one file and its award in the next. The releases of one process are merged whatever
file they are in, and what they add up to belongs to one source: of those that have releases of it, the last by id, so
that the order of loading changes nothing. To know which are shared, the digests of the OCIDs of each file are kept, in
the data folder under `ocids/`, by the digest of the file.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from civicgraph.graph.snapshot.snapshot import LoadedSource
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.load import digest_of
from civicgraph.seeds_loader.ocds.by_ocid import Overview, overview
from civicgraph.seeds_loader.ocds.releases import open_stream

_FOLDER: Final = "ocids"
_Digests = npt.NDArray[np.uint64]
_NONE: Final[_Digests] = np.empty(0, np.uint64)


@dataclass(frozen=True, slots=True)
class Shared:
    """What a source does with processes that other files have releases of.

    `own` are digests of those that belong to it, whose other releases are in `others`; `elsewhere` those that belong to
    another source, by its id.
    """

    own: frozenset[int] = frozenset()
    others: tuple[Path, ...] = ()
    elsewhere: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What reading some files takes.

    Parameters
    ----------
    shared
        What each source does with processes of others, by its id.
    overviews
        What was seen of each file, by its path.
    again
        Sources that are loaded already and have to be read again, by id.
    faults
        Files that cannot be loaded, for what they share with others cannot be read any more.
    """

    shared: Mapping[str, Shared] = field(default_factory=dict)
    overviews: Mapping[Path, Overview] = field(default_factory=dict)
    again: Mapping[str, Path] = field(default_factory=dict)
    faults: Mapping[Path, SourceFileError] = field(default_factory=dict)


def plan(data: Path, loaded: Mapping[str, LoadedSource], files: Mapping[str, Path | None]) -> Plan:
    """Return what loading files takes.

    Parameters
    ----------
    data
        The data folder.
    loaded
        The sources that are loaded, by id.
    files
        The files to be loaded by the ids of their sources; None where a source is to be taken out.
    """
    old = {key: source for key, source in loaded.items() if source.kind == "ocds" and source.path is not None}
    before = {key: _kept(data, source) for key, source in old.items()}
    overviews = dict(_overviews(path for path in files.values() if path is not None))
    new = {key: overviews[path].digests for key, path in files.items() if path in overviews}
    changed = [*new.values(), *(before[key] for key in files if key in before)]
    touched = np.unique(np.concatenate([_NONE, *changed]))
    after = {key: digests for key, digests in before.items() if key not in files} | new
    again = {
        key: Path(str(old[key].path))
        for key in before.keys() - files.keys()
        if np.intersect1d(before[key], touched, assume_unique=True).size
    }
    every, counts = np.unique(np.concatenate([_NONE, *after.values()]), return_counts=True)
    holders: dict[int, list[str]] = defaultdict(list)
    for key in sorted(after):
        for digest in np.intersect1d(after[key], every[counts > 1], assume_unique=True).tolist():
            holders[digest].append(key)
    paths = {key: Path(str(source.path)) for key, source in old.items()}
    paths |= {key: path for key, path in files.items() if path is not None}
    shared = {key: _shared(key, holders, paths) for key in again.keys() | new.keys()}
    faults = dict(_gone(shared, files, old))
    return Plan(faults=faults) if faults else Plan(shared, overviews, again)


def keep(data: Path, sha256: str, digests: _Digests) -> None:
    """Keep the digests of a file's OCIDs."""
    (data / _FOLDER).mkdir(parents=True, exist_ok=True)
    np.save(data / _FOLDER / f"{sha256}.npy", digests)


def sweep(data: Path, loaded: Mapping[str, LoadedSource]) -> None:
    """Remove what is kept of files that are not loaded any more."""
    known = {str(source.report.get("content", {}).get("sha256")) for source in loaded.values()}
    for path in (data / _FOLDER).glob("*.npy"):
        if path.stem not in known:
            path.unlink(missing_ok=True)


def _kept(data: Path, source: LoadedSource) -> _Digests:
    path = data / _FOLDER / f"{source.report.get('content', {}).get('sha256')}.npy"
    return np.load(path) if path.exists() else _NONE


def _overviews(paths: Iterator[Path]) -> Iterator[tuple[Path, Overview]]:
    for path in paths:
        try:
            with open_stream(path) as stream:
                yield path, overview(path.name, stream)
        except SourceFileError:
            # Whoever reads the file says so.
            continue


def _shared(key: str, holders: Mapping[int, Sequence[str]], paths: Mapping[str, Path]) -> Shared:
    own = {digest: keys for digest, keys in holders.items() if keys[-1] == key}
    others = sorted({other for keys in own.values() for other in keys} - {key})
    elsewhere = {digest: keys[-1] for digest, keys in holders.items() if key in keys[:-1]}
    return Shared(frozenset(own), tuple(paths[other] for other in others), elsewhere)


def _gone(
    shared: Mapping[str, Shared], files: Mapping[str, Path | None], old: Mapping[str, LoadedSource]
) -> Iterator[tuple[Path, SourceFileError]]:
    """Yield the files that need another one which is not what it was when it was loaded."""
    needed = {path for one in shared.values() for path in one.others} | {
        Path(str(old[key].path)) for key in shared if key not in files
    }
    by_path = {Path(str(source.path)): source for source in old.values()}
    for path in sorted(needed - {path for path in files.values() if path is not None}):
        source = by_path[path]
        if path.exists() and digest_of(path) == source.report.get("content", {}).get("sha256"):
            continue
        for own in files.values():
            if own is not None:
                reason = f"it has releases of processes that are in {source.id} too, and {path} is gone or changed"
                yield own, SourceFileError(own.name, None, reason, f"put that back, or load it anew as {source.id}")
