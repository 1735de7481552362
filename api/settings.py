"""Settings of the server and the command line: read once at the door, handed on from there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

DEFAULT_DATA: Final = "civicgraph-data"
DEFAULT_TIMEOUT: Final = 30.0
DEFAULT_WORKERS: Final = 8
DEFAULT_ROWS: Final = 2_000_000
DEFAULT_BYTES: Final = 1024**3
DEFAULT_RATE: Final = 100.0


class SettingsError(ValueError):
    """A setting has a value that cannot be meant."""


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where a SPARQL server answers queries, and, if it cannot be told from that, takes updates and whole graphs."""

    query: str
    update: str | None = None
    graphs: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server needs to know.

    `data` is the data folder, or None for an empty store; `store` a SPARQL server that has the graph in its place;
    `in_memory` says that the store lives in memory alone, and begins with what is in the folder.
    `timeout` is the seconds that one query may take, `workers` how many queries run at once, `rows` and `bytes` how
    long one answer may be. `rate` is how many requests a second one client may make: if None, 100 from another machine
    and any number from this one. `token` is what writing needs; without one nothing can be written. `queries` is a
    folder of the user's own stored queries. `access_log` is the file of the access log, `-` for standard error.
    """

    data: Path | None
    timeout: float = DEFAULT_TIMEOUT
    workers: int = DEFAULT_WORKERS
    in_memory: bool = False
    rows: int = DEFAULT_ROWS
    bytes: int = DEFAULT_BYTES
    rate: float | None = None
    token: str | None = None
    queries: Path | None = None
    access_log: str | None = None
    store: StoreAddress | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the settings of `CIVICGRAPH_DATA`, `CIVICGRAPH_TIMEOUT`, `CIVICGRAPH_WORKERS` and `CIVICGRAPH_TOKEN`.

        Raises
        ------
        SettingsError
            One of them is no value of its kind.
        """
        return cls(
            data=Path(environment.get("CIVICGRAPH_DATA", DEFAULT_DATA)),
            timeout=_positive(environment, "CIVICGRAPH_TIMEOUT", DEFAULT_TIMEOUT),
            workers=int(_positive(environment, "CIVICGRAPH_WORKERS", DEFAULT_WORKERS)),
            token=token(environment),
        )


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


def _positive(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name)
    if text is None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1 <= number <= 10**6:
        msg = f"{name}={text!r} is no number from 1 to a million"
        raise SettingsError(msg)
    return number
