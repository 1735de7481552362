"""Where the data is, and what a server needs to know: read once from options and the environment, and handed on."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

DEFAULT_DATA: Final = "civicgraph-data"
DEFAULT_RATE: Final = 100.0


def option(default: object, told: str, **more: object) -> Any:  # noqa: ANN401 - as `dataclasses.field` does
    """Return a field that is an option of commands; what help says of it, and whatever typer takes of an option."""
    return field(default=default, metadata={"help": told, **more})


class SettingsError(ValueError):
    """A setting has a value that cannot be meant."""


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where a SPARQL server answers queries, and, if it cannot be told from that, takes updates and whole graphs."""

    query: str
    update: str | None = None
    graphs: str | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """The data folder, if one is named."""

    data: Path | None = option(
        None, "The data folder", envvar="CIVICGRAPH_DATA", metavar="DIR", show_default=DEFAULT_DATA
    )

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.data or Path(DEFAULT_DATA)


@dataclass(frozen=True, slots=True)
class Place(Folder):
    """What a command works on: the data folder, its graph here or on a SPARQL server."""

    store: str | None = option(None, "A SPARQL server in place of a folder", envvar="CIVICGRAPH_STORE", metavar="URL")
    update_url: str | None = option(
        None, "Where the server takes updates", envvar="CIVICGRAPH_STORE_UPDATE", metavar="URL"
    )
    graph_store_url: str | None = option(
        None, "Where the server takes whole graphs", envvar="CIVICGRAPH_STORE_GRAPHS", metavar="URL"
    )

    @property
    def address(self) -> StoreAddress | None:
        """The server, where one is named."""
        return StoreAddress(self.store, self.update_url, self.graph_store_url) if self.store else None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server needs to know.

    `data` is the data folder, or None for an empty store; `store` a SPARQL server that has the graph in its place;
    `in_memory` says that the store lives in memory alone, and begins with what is in the folder. `rate` is for one
    client: if None, 100 from another machine and any number from this one. `token` is what writing needs; without one
    nothing can be written. The fields that are options say themselves what they are.
    """

    data: Path | None = None
    timeout: float = option(30.0, "Seconds that one query may take", min=1, envvar="CIVICGRAPH_TIMEOUT")
    workers: int = option(8, "How many queries may run at once", min=1, max=64, envvar="CIVICGRAPH_WORKERS")
    in_memory: bool = False
    max_rows: int = option(2_000_000, "How many rows or triples one answer may have", min=1)
    max_bytes: int = option(1024**3, "How many bytes one answer may have", min=1)
    rate: float | None = option(
        None, "Requests a second that one client may make; 100 for those on other machines", min=0.1
    )
    token: str | None = None
    queries: Path | None = option(None, "A folder of stored queries of your own", metavar="DIR", file_okay=False)
    access_log: str | None = option(
        None, "Write a line of JSON for each request; - is standard error", metavar="FILE|-"
    )
    store: StoreAddress | None = None


def token(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the token that writing needs, from `CIVICGRAPH_TOKEN`, or None where nothing may be written.

    Raises
    ------
    SettingsError
        It holds what no header can.
    """
    found = environment.get("CIVICGRAPH_TOKEN", "").strip()
    if not found:
        return None
    if not found.isascii() or not found.isprintable() or " " in found:
        msg = "CIVICGRAPH_TOKEN holds what no header can: use ASCII letters and digits"
        raise SettingsError(msg)
    return found
