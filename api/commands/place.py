"""Which store a command works on: the data folder, or a SPARQL server that `--store` names."""

import inspect
import os
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import typer

from civicgraph.graph.store.snapshot import DataFolder

STORE_OPTIONS: Final = {
    "store": Annotated[
        str | None,
        typer.Option("--store", envvar="CIVICGRAPH_STORE", metavar="URL", help="A SPARQL server in place of a folder."),
    ],
    "update_url": Annotated[
        str | None,
        typer.Option(envvar="CIVICGRAPH_STORE_UPDATE", metavar="URL", help="Where the server takes updates."),
    ],
    "graph_store_url": Annotated[
        str | None,
        typer.Option(envvar="CIVICGRAPH_STORE_GRAPHS", metavar="URL", help="Where the server takes whole graphs."),
    ],
}
"""Options of every command that reads or writes data."""

_named: ContextVar[tuple[str | None, str | None, str | None]] = ContextVar("_named", default=(None, None, None))


def with_store(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that takes the options of the store as well, and works on the one that they name."""

    @wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 - whatever the options of the command are
        token = _named.set((given.pop("store"), given.pop("update_url"), given.pop("graph_store_url")))
        try:
            command(**given)
        finally:
            _named.reset(token)

    hints = get_type_hints(command, include_extras=True)
    own = inspect.signature(command).parameters.values()
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in STORE_OPTIONS.items()
    ]
    parameters = [one.replace(annotation=hints[one.name], kind=inspect.Parameter.KEYWORD_ONLY) for one in own] + added
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what typer reads
    run.__annotations__ = hints | STORE_OPTIONS
    return run


def place(data: Path) -> DataFolder:
    """Return the data folder that a command works on, its graph here or on the server that the options name.

    Raises
    ------
    AddressError
        An address, or what the environment says of it, cannot be used.
    """
    store, update, graph_store = _named.get()
    if not store:
        return DataFolder(data)
    return remote_folder(data, store, update, graph_store)


def emitting(data: Path, into: Path) -> DataFolder:
    """Return a data folder whose loads become files for the bulk loader of the server that the options name.

    Raises
    ------
    AddressError
        They name none, or one that cannot be used.
    """
    from civicgraph.graph.store.remote.emit import EmittingFolder  # noqa: PLC0415
    from civicgraph.graph.store.remote.faults import AddressError  # noqa: PLC0415
    from civicgraph.graph.store.remote.http import Address  # noqa: PLC0415

    store, *_ = _named.get()
    if not store:
        msg = "--emit needs --store: the address at which the server will answer; it is not asked"
        raise AddressError(msg)
    return EmittingFolder(data, Address.read(store), into)


def remote_folder(data: Path, store: str, update: str | None = None, graph_store: str | None = None) -> DataFolder:
    """Return a data folder whose graph is on a server; the environment has secrets and limits. Raises as `place`."""
    from civicgraph.graph.store.remote.faults import AddressError  # noqa: PLC0415
    from civicgraph.graph.store.remote.folder import GRACE, RemoteFolder  # noqa: PLC0415 - most commands ask no server
    from civicgraph.graph.store.remote.http import Address, Connection, Secrets  # noqa: PLC0415

    address = Address.read(store, update or None, graph_store or None)
    limits = []
    for name, default in (("CIVICGRAPH_STORE_TIMEOUT", _TIMEOUT), ("CIVICGRAPH_STORE_GRACE", GRACE)):
        text = os.environ.get(name) or str(default)
        try:
            limits.append(float(text))
        except ValueError as error:
            msg = f"{name}={text!r} is no number of seconds"
            raise AddressError(msg) from error
    connection = Connection(address, Secrets.from_environment(os.environ), limits[0])
    return RemoteFolder(data, connection, limits[1])


_TIMEOUT: Final = 300.0
"""Seconds that a command waits for one answer of a server."""
