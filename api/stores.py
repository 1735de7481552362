"""Where the data is: in a folder, in one that goes with the server, or on a SPARQL server."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from civicgraph.api.settings import Place, Settings
from civicgraph.graph.snapshot.snapshot import DataFolder, TemporaryFolder

_TIMEOUT: Final = 300.0
"""Seconds to wait for one answer of a server."""


@contextmanager
def folder_of(settings: Settings) -> Iterator[DataFolder]:
    """Hold what a server serves; what it keeps in memory alone goes at the end. Raises as `folder_at` does."""
    if not settings.in_memory:
        yield folder_at(settings)
        return
    with TemporaryDirectory(prefix="civicgraph-store-", ignore_cleanup_errors=True) as made:
        yield TemporaryFolder(Path(made), None if settings.data is None else DataFolder(settings.data))


def folder_at(place: Place) -> DataFolder:
    """Return the data folder that a place names, its graph here or on a server.

    Raises
    ------
    AddressError
        An address, or what the environment says of it, cannot be used.
    """
    if not place.store:
        return DataFolder(place.path)
    from civicgraph.graph.engine.errors import AddressError  # noqa: PLC0415
    from civicgraph.graph.engine.remote.address import Address, Secrets  # noqa: PLC0415
    from civicgraph.graph.engine.remote.http import Connection  # noqa: PLC0415
    from civicgraph.graph.snapshot.remote.folder import RemoteFolder  # noqa: PLC0415 - most commands ask no server

    address = Address.read(place.store, place.update_url or None, place.graph_store_url or None)
    text = os.environ.get("CIVICGRAPH_STORE_TIMEOUT") or str(_TIMEOUT)
    try:
        timeout = float(text)
    except ValueError as error:
        msg = f"CIVICGRAPH_STORE_TIMEOUT={text!r} is not a number of seconds"
        raise AddressError(msg) from error

    def notice(text: str) -> None:
        # A person who waits is told why, wherever the output goes.
        sys.stderr.write(f"civicgraph: {text}\n")
        sys.stderr.flush()

    return RemoteFolder(place.path, Connection(address, Secrets.from_environment(os.environ), timeout, notice=notice))
