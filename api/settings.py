"""Where the data is, and what a server needs to know: read once from options and the environment, and handed on."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

DEFAULT_DATA: Final = "civicgraph-data"
DEFAULT_RATE: Final = 100.0
MEMORY: Final = "memory"


def option(default: object, told: str, **more: object) -> Any:  # noqa: ANN401 - as `dataclasses.field` does
    """Return a field that is an option of commands; what help says of it, and whatever typer takes of an option."""
    return field(default=default, metadata={"help": told, **more})


class SettingsError(ValueError):
    """A setting has a value that cannot be meant."""


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


@dataclass(frozen=True, slots=True)
class Settings(Place):
    """What a server needs to know.

    Where `store` is "memory", or nothing is named, the store lives in memory alone, and begins with what is in the
    folder. `rate` is for one client: if None, 100 from another machine and any number from this one. `token` is what
    writing needs; without one nothing can be written. The fields that are options say themselves what they are.
    """

    timeout: float = option(30.0, "Seconds that one query may take", min=1, envvar="CIVICGRAPH_TIMEOUT")
    workers: int = option(8, "How many queries may run at once", min=1, max=64, envvar="CIVICGRAPH_WORKERS")
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

    @property
    def in_memory(self) -> bool:
        """Whether the store is in memory alone."""
        return self.store == MEMORY or (self.data is None and not self.store)

    @property
    def is_remote(self) -> bool:
        """Whether a SPARQL server keeps the graph."""
        return bool(self.store) and self.store != MEMORY


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
