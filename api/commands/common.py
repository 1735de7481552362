"""What the commands share: where the data is, how they speak, how they end."""

import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

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
_STEPS: Final = {
    "ontology": "reading the ontology",
    "identity": "deciding who is who, and which contracts are one",
    "sources": "storing what documents state",
    "records": "storing contracts and payments",
    "updates": "making single updates again",
    "done": "putting the new version in place",
    "ordering": "putting what is to be sent in order",
    "counting": "counting what the server holds",
    "switching": "letting readers have the new version",
    "writing": "writing files for the bulk loader",
}
_FOLLOWS: Final = "working out what follows from what is stated"


class UsageError(Exception):
    """A command was asked for what it cannot do: one line what, one line what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}; {remedy}")


def step_in_words(step: str) -> str:
    """Return what a step of a load does, for people, as markup; the steps that are rules of the ontology are one.

    >>> step_in_words("identity"), step_in_words("46-current")
    ('deciding who is who, and which contracts are one', 'working out what follows from what is stated')
    """
    return escape(_STEPS.get(step, _FOLLOWS if step[:1].isdigit() else step))


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


def day_of(moment: datetime | None) -> date | None:
    """Return the day that an option names."""
    return None if moment is None else moment.date()


def note(text: str) -> None:
    """Say something that is not a result."""
    ERR.print(text, markup=False, highlight=False)


def say(text: str) -> None:
    """Give a result as it is."""
    OUT.print(text, markup=False, highlight=False)
