"""Loading: readers of sources, the checks of their records, and the report of what became of each.

For Python there is `load_files`; everything else in this package is internal and may change.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from civicgraph.seeds_loader.load import LoadResult

__all__ = ["load_files"]

_READERS = {
    "claims": "load.load_claims",
    "ocds": "load_records.load_ocds",
    "spend": "load_records.load_spend",
    "contracts": "load_records.load_contracts",
    "authorities": "load_registers.load_authorities",
    "organisations": "load_registers.load_organisations",
    "cpv": "load_registers.load_cpv",
    "ownership": "load_registers.load_ownership",
    "rdf": "load.load_rdf",
}


def load_files(folder: str | Path, kind: str, paths: Iterable[str | Path], **options: Any) -> "LoadResult":  # noqa: ANN401 - those of the reader
    """Load files into a data folder, as `civicgraph load` does.

    Parameters
    ----------
    folder
        The data folder; it need not exist yet.
    kind
        What they are: `claims`, `ocds`, `spend`, `contracts`, `authorities`, `organisations`, `cpv`, `ownership` or
        `rdf`.
    paths
        The files.
    **options
        What the reader takes besides: `source_id`, `progress`, and `mapping` for tables.

    Returns
    -------
    LoadResult
        The report of what was loaded, guarded and rejected, and the files that could not be read.

    Raises
    ------
    ValueError
        There is no such kind.
    BusyError
        Another process is loading into the folder.
    SourceIdError
        Sources cannot be told apart by their ids.

    Examples
    --------
    >>> import tempfile
    >>> facts = Path(__file__).parent / "facts"
    >>> load_files(tempfile.mkdtemp(), "claims", [facts]).report.rejected.total()
    0
    """
    snapshot = import_module("civicgraph.graph.snapshot.snapshot")
    return reader(kind)(snapshot.DataFolder(Path(folder)), [Path(path) for path in paths], **options)


def reader(kind: str) -> "Callable[..., LoadResult]":
    """Return what loads sources of a kind: a function of a folder, paths, and what the reader takes besides.

    Raises
    ------
    ValueError
        There is no such kind.
    """
    if kind not in _READERS:
        msg = f"nothing loads {kind!r}; there are: {', '.join(_READERS)}"
        raise ValueError(msg)
    # All readers together take a second to import.
    module, _, name = _READERS[kind].partition(".")
    found: Callable[..., LoadResult] = getattr(import_module(f"civicgraph.seeds_loader.{module}"), name)
    return found
