"""Settings of the server and the command line: read once at the door, handed on from there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

DEFAULT_DATA: Final = "civicgraph-data"
DEFAULT_TIMEOUT: Final = 30.0
DEFAULT_WORKERS: Final = 2


class SettingsError(ValueError):
    """A setting has a value that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server needs to know.

    `data` is the data folder, `timeout` the seconds one query may take, `workers` how many queries run at once.
    """

    data: Path
    timeout: float = DEFAULT_TIMEOUT
    workers: int = DEFAULT_WORKERS

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the settings of `CIVICGRAPH_DATA`, `CIVICGRAPH_TIMEOUT` and `CIVICGRAPH_WORKERS`.

        Raises
        ------
        SettingsError
            One of them is no value of its kind.
        """
        return cls(
            data=Path(environment.get("CIVICGRAPH_DATA", DEFAULT_DATA)),
            timeout=_positive(environment, "CIVICGRAPH_TIMEOUT", DEFAULT_TIMEOUT),
            workers=int(_positive(environment, "CIVICGRAPH_WORKERS", DEFAULT_WORKERS)),
        )


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
