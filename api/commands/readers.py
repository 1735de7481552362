"""What loads each kind of source. Imported when something is loaded: all readers together take a second."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from civicgraph.seeds_loader.load import LoadResult, load_claims, load_rdf
from civicgraph.seeds_loader.load_records import load_contracts, load_ocds, load_spend
from civicgraph.seeds_loader.load_registers import load_authorities, load_cpv, load_organisations, load_ownership

_READERS: Final[Mapping[str, Callable[..., LoadResult]]] = {
    "claims": load_claims,
    "ocds": load_ocds,
    "spend": load_spend,
    "contracts": load_contracts,
    "authorities": load_authorities,
    "organisations": load_organisations,
    "cpv": load_cpv,
    "ownership": load_ownership,
    "rdf": load_rdf,
}


def reader(kind: str, mapping: Path | None = None) -> Callable[..., LoadResult]:
    """Return what loads sources of a kind: a function of a folder, paths, the id of the source, and progress.

    `mapping` names the file that says how a table's headers are to be read.
    """
    return _READERS[kind] if mapping is None else partial(_READERS[kind], mapping=mapping)
