"""Which store a command works on: the data folder, or a SPARQL server that `--store` names."""

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import typer

from civicgraph.api.settings import StoreAddress
from civicgraph.api.stores import remote_folder
from civicgraph.graph.snapshot.snapshot import DataFolder

StoreOption = Annotated[
    str | None,
    typer.Option("--store", envvar="CIVICGRAPH_STORE", metavar="URL", help="A SPARQL server in place of a folder."),
]
UpdateUrlOption = Annotated[
    str | None,
    typer.Option(envvar="CIVICGRAPH_STORE_UPDATE", metavar="URL", help="Where the server takes updates."),
]
GraphStoreUrlOption = Annotated[
    str | None,
    typer.Option(envvar="CIVICGRAPH_STORE_GRAPHS", metavar="URL", help="Where the server takes whole graphs."),
]
STORE_OPTIONS: Final = {"store": StoreOption, "update_url": UpdateUrlOption, "graph_store_url": GraphStoreUrlOption}
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
    return remote_folder(data, StoreAddress(store, update, graph_store))


def emitting(data: Path, into: Path) -> DataFolder:
    """Return a data folder whose loads become files for the bulk loader of the server that the options name.

    Raises
    ------
    AddressError
        They name none, or one that cannot be used.
    """
    from civicgraph.graph.engine.errors import AddressError  # noqa: PLC0415
    from civicgraph.graph.engine.remote.address import Address  # noqa: PLC0415
    from civicgraph.graph.snapshot.remote.emit import EmittingFolder  # noqa: PLC0415

    store, *_ = _named.get()
    if not store:
        msg = "--emit needs --store: the address at which the server will answer; it is not asked"
        raise AddressError(msg)
    return EmittingFolder(data, Address.read(store), into)
