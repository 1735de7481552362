"""What the commands share: where the data is, how they speak, how they end."""

import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from civicgraph.api.commands.place import place
from civicgraph.api.settings import DEFAULT_DATA
from civicgraph.graph.snapshot.snapshot import DataFolder

OUT: Final = Console(soft_wrap=True)
"""Results."""
ERR: Final = Console(stderr=True, soft_wrap=True)
"""Everything that is not a result: progress, counts, faults."""

DataOption = Annotated[
    Path,
    typer.Option("--data", envvar="CIVICGRAPH_DATA", help="The data folder.", show_default=True, metavar="DIR"),
]
DEFAULT_FOLDER: Final = Path(DEFAULT_DATA)


_ENDLESS: Final = 10_000


class UsageError(Exception):
    """A command was asked for what it cannot do: one line what, one line what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}; {remedy}")


def leave_lines_whole() -> None:
    """Let tables be as wide as they are where a file or a pipe takes them, where nothing need be cut to fit."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        OUT.width = _ENDLESS


def existing(data: Path) -> DataFolder:
    """Return a data folder that holds a snapshot.

    Raises
    ------
    UsageError
        Nothing was loaded into it.
    """
    folder = place(data)
    if folder.manifest() is None:
        msg = f"{folder.where} holds no data"
        raise UsageError(msg, "load some with: civicgraph load claims PATH, or name another folder with --data")
    return folder


def note(text: str) -> None:
    """Say something that is not a result."""
    ERR.print(text, markup=False, highlight=False)


def say(text: str) -> None:
    """Give a result as it is."""
    OUT.print(text, markup=False, highlight=False)
