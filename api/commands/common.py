"""What the commands share: where the data is, how they speak, how they end."""

import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from civicgraph.api.settings import Place

if TYPE_CHECKING:
    from jinja2 import Template

    from civicgraph.graph.snapshot.snapshot import DataFolder

OUT: Final = Console(soft_wrap=True)
"""Results."""
ERR: Final = Console(stderr=True, soft_wrap=True)
"""Everything that is not a result: progress, counts, faults."""

_ENDLESS: Final = 10_000
_NAME: Final = 20
"""Characters that a name has room for at least."""
_PADDING: Final = 2
_SHARES: Final = ("share", "cr1", "cr4", "coverage", "top_supplier_share", "core_share")
"""The beginnings of the names of columns of shares."""
_FORMS: Final = {**dict.fromkeys(("pagerank", "betweenness"), ".2%"), "effective_suppliers": ",.1f"}
"""How other numbers are written, by the beginning of their column's name."""
_LEAST: Final = 0.0005
_FINE: Final = 0.01
_MOST: Final = 0.9995
"""Shares below the first and above the last are not written as nothing or all; those of the second have a decimal."""
_FEWEST: Final = 2
"""Columns that a table has however narrow the terminal is."""


class UsageError(Exception):
    """A command was asked for what it cannot do: one line what, one line what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}; {remedy}")


@contextmanager
def progress(what: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done, and give the function that takes the name of each step of it."""
    with ERR.status(what) as status:
        yield lambda step: status.update(escape(step_in_words(step)))


def step_in_words(step: str) -> str:
    """Return what a step of a load does, for people; the steps that are rules of the ontology are one.

    >>> step_in_words("identity"), step_in_words("46-current")
    ('deciding who is who, and which contracts are one', 'working out what follows from what is stated')
    """
    words = terminal()
    return str(words["steps"].get(step, words["follows"] if step[:1].isdigit() else step))


def terminal() -> Any:  # noqa: ANN401 - what YAML holds
    """Return the words and headings of a terminal."""
    from civicgraph.api.own_queries import own_yaml  # noqa: PLC0415 - help needs none of them

    return own_yaml("commands/terminal.yaml")


def leave_lines_whole() -> None:
    """Let tables be as wide as they are where a file or a pipe takes them, where nothing need be cut to fit."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        OUT.width = _ENDLESS


def existing(place: Place) -> "DataFolder":
    """Return a data folder that holds a snapshot.

    Raises
    ------
    UsageError
        Nothing was loaded into it.
    """
    from civicgraph.api.stores import folder_at  # noqa: PLC0415 - help needs no store

    folder = folder_at(place)
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
    cells = [[headings[name], *(row[at] for row in rows)] for at, name in enumerate(names)]
    lines = [[line for cell in column for line in cell.split("\n")] for column in cells]
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


def cell(name: str, value: object) -> str:
    """Return a figure as a table has it, by the name of its column.

    >>> cell("share_a", 0.0025), cell("pagerank", 0.0123), cell("suppliers", 7787), cell("hhi", None)
    ('0.2%', '1.23%', '7,787', '-')
    """
    if value is None or value == "":
        return "-"
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(value)
    if name.startswith(_SHARES):
        return percent(value)
    return format(value, next((form for begin, form in _FORMS.items() if name.startswith(begin)), ",.0f"))


def percent(share: float) -> str:
    """Return a share in percent, never rounded to nothing or to all.

    >>> percent(0.00025), percent(0.0051), percent(0.66), percent(0.9996), percent(1.0)
    ('<0.1%', '0.5%', '66%', '>99.9%', '100%')
    """
    if 0 < share < _LEAST:
        return "<0.1%"
    if _MOST < share < 1:
        return ">99.9%"
    return f"{share:.1%}" if 0 < share < _FINE or 1 - _FINE < share < 1 else f"{share:.0%}"


def note(text: str) -> None:
    """Say something that is not a result."""
    ERR.print(text, markup=False, highlight=False)


def say(text: str) -> None:
    """Give a result as it is."""
    OUT.print(text, markup=False, highlight=False)


def say_lines(template: str, **values: object) -> None:
    """Give what a template of `terminal.yaml` makes of values; nothing where it makes nothing."""
    if text := in_words(template, **values):
        say(text)


@cache
def _template(text: str) -> "Template":
    from jinja2 import Template  # noqa: PLC0415 - few commands say that much

    made: Template = Template(text, trim_blocks=True, lstrip_blocks=True)
    return made


def in_words(template: str, **values: object) -> str:
    """Return what a template of `terminal.yaml` makes of values."""
    return _template(template).render(values).rstrip("\n")
