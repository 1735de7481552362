"""what-if: a supplier fails, or two suppliers merge."""

import json
import sys
from datetime import date
from typing import Annotated, Any, Final, Literal

import typer

from civicgraph.api.commands.common import cell, existing, note, print_table, say, say_lines, terminal
from civicgraph.api.completing import names_of
from civicgraph.api.parameters import optional_day, with_options
from civicgraph.api.settings import Place
from civicgraph.api.tables.flat import table_text
from civicgraph.graph.edges.filters import Filters

what_if = typer.Typer(name="what-if", add_completion=False, no_args_is_help=True)

Day = Annotated[
    str, typer.Option("--as-of", metavar="DAY", help="On which day; else the last on which anything is known of it.")
]
FormatOption = Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="How to print it.")]

_SUPPLIERS: Final = names_of("supplier")
_TEXTS: Final = ("market", "buyer", "service", "crosses", "to")
_SHOWN_HITS: Final = 40


@what_if.callback()
def _what_if() -> None:
    """Work out what happens if a supplier fails, or two merge."""


@what_if.command(epilog="Example: civicgraph what-if fails Capita --as-of 2019-03-31")
@with_options
def fails(
    supplier: Annotated[str, typer.Argument(help="The supplier, by name, slug or IRI.", autocompletion=_SUPPLIERS)],
    *,
    as_of: Day = "",
    form: FormatOption = "table",
    place: Place,
) -> None:
    """Print who is hit if a supplier fails, and who else provides what it did."""
    from civicgraph.graph.measures.failure import failure_of  # noqa: PLC0415 - help needs no networkx

    with existing(place).edges() as table:
        found = failure_of(table, supplier, optional_day("--as-of", as_of))
    words, rows, on = terminal()["failure"], found["hits"], _on(found["day"])
    if form != "table":
        _write(form, found, rows)
        return
    say_lines(words["summary" if rows else "nobody"], found=found, on=on)
    if rows:
        _print_rows("", words["columns"], rows[:_SHOWN_HITS])
    say_lines(words["rest"], more=len(rows) - _SHOWN_HITS, found=found)


@what_if.command(epilog="Example: civicgraph what-if merge Capita Serco --basis spend --service payroll")
@with_options
def merge(
    a: Annotated[
        str, typer.Argument(metavar="A", help="One supplier, by name, slug or IRI.", autocompletion=_SUPPLIERS)
    ],
    b: Annotated[str, typer.Argument(metavar="B", help="The other.", autocompletion=_SUPPLIERS)],
    *,
    filters: Filters,
    form: FormatOption = "table",
    place: Place,
) -> None:
    """Print HHI before and after a merger in each market that both are in; a past acquisition on its eve."""
    from civicgraph.graph.measures.merger import merger_of  # noqa: PLC0415 - as above

    folder = existing(place)
    with folder.open() as snapshot, folder.edges() as table:
        found = merger_of(snapshot.engine, table, filters.scope(table), (a, b))
    if form == "table":
        for said in found["notes"]:
            note(said)
        title = f"{found['a_name']} and {found['b_name']} merge{_on(found['day'])}, basis {filters.basis}"
        _print_rows(title, terminal()["merger"], found["markets"])
    else:
        _write(form, found, found["markets"])


def _write(form: Literal["csv", "json"], whole: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Give all that was found as JSON, or its rows as CSV."""
    if form == "json":
        say(json.dumps(whole, default=str, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        sys.stdout.write(table_text(list(rows[0]) if rows else [], rows, "csv"))


def _print_rows(title: str, shown: dict[str, str], rows: list[dict[str, Any]]) -> None:
    print_table(title, shown, [[cell(name, row[name]) for name in shown] for row in rows], _TEXTS)


def _on(day: date | None) -> str:
    return "" if day is None else f" on {day}"
