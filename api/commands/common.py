"""What the commands share: where the data is, how they speak, how they end."""

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

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
_NAME: Final = 20
"""Characters that a name has room for at least."""
_PADDING: Final = 2
_FEWEST: Final = 2
"""Columns that a table has however narrow the terminal is."""
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


def print_table(title: str, headings: Mapping[str, str], rows: Sequence[Sequence[str]], texts: Collection[str]) -> None:
    """Print a table as wide as the terminal; the last columns give way before names are cut to single letters.

    Parameters
    ----------
    title
        What stands above it; empty for nothing.
    headings
        The columns by name, with their headings.
    rows
        The cells.
    texts
        The columns that hold texts, which may be folded; all others are numbers.
    """
    names = list(headings)
    lines = [[*headings[name].split("\n"), *(row[at] for row in rows)] for at, name in enumerate(names)]
    wide = [max(map(len, column)) for column in lines]
    least = [min(width, _NAME) if name in texts else width for name, width in zip(names, wide, strict=True)]
    shown = len(names)
    while shown > _FEWEST and sum(least[:shown]) + _PADDING * shown > OUT.width:
        shown -= 1
    table = Table(title=escape(title) or None, title_justify="left", box=None)
    for name, width in zip(names[:shown], least, strict=False):
        is_text = name in texts
        table.add_column(
            headings[name], justify="left" if is_text else "right", overflow="fold", no_wrap=not is_text,
            min_width=width, vertical="top",
        )  # fmt: skip
    for row in rows:
        table.add_row(*map(escape, row[:shown]))
    OUT.print(table)
    if shown < len(names):
        left = ", ".join(headings[name].replace("-\n", "").replace("\n", " ").strip() for name in names[shown:])
        say(f"The terminal is too narrow for: {left}. --format csv has every column.")


def note(text: str) -> None:
    """Say something that is not a result."""
    ERR.print(text, markup=False, highlight=False)


def say(text: str) -> None:
    """Give a result as it is."""
    OUT.print(text, markup=False, highlight=False)
