"""concentration: how concentrated markets are, how critical suppliers, how dependent buyers."""

import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal

import typer

from civicgraph.api.commands.common import UsageError, cell, existing, note, percent, print_table, say, terminal
from civicgraph.api.figures.figure_options import FigureOptions
from civicgraph.api.settings import Place
from civicgraph.api.tables.flat import table_text
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.edges.table import Scoped
from civicgraph.graph.measures.figure_columns import Figure, columns

FigureFormat = Literal["table", "csv", "json"]

_TEXTS: Final = ("market", "name", "top_supplier")
_SHOWN_ROWS: Final = 40
"""Shares nearer than this to none or all are given with a decimal."""


def concentration(
    *,
    filters: Filters,
    options: FigureOptions,
    top: Annotated[int, typer.Option(min=0, help="How many rows a table shows; 0 for all.")] = _SHOWN_ROWS,
    save: Annotated[bool, typer.Option("--save", help="Write the figures into the graph.")] = False,
    form: Annotated[FigureFormat, typer.Option("--format", help="How to print them.")] = "table",
    place: Place,
) -> None:
    """Print how concentrated markets are, how critical suppliers, how dependent buyers."""
    if save and filters.plans:
        raise UsageError("--save keeps figures of what is established", "leave out --plans")
    folder = existing(place)
    with folder.edges() as table, table.scoped(filters.scope(table)) as found:
        if form == "csv" and not save:
            sys.stdout.write(options.csv(table, found))
            return
        figures = options.of(table, found)
        if form == "table":
            print_figures(found, figures, options, top or len(figures))
        else:
            sys.stdout.write(table_text(columns(options.by), figures, form))
    if save:
        from civicgraph.graph.measures.observations import save_figures  # noqa: PLC0415 - only when something is saved

        source, count = save_figures(folder, figures)
        note(f"{count} observations saved as the source {source}; civicgraph unload {source} takes them out")


def print_figures(found: Scoped, figures: Sequence[Figure], options: FigureOptions, top: int = _SHOWN_ROWS) -> None:
    """Print figures as a table, with what they rest on and what is left out."""
    scope, account, counted = found.scope, found.account, _counted(found)
    if not account.counted.rows or not figures:
        note(
            f"none of the {counted} in scope counts; left out: {account.text()}"
            if account.rows
            else f"nothing in scope: no {counted} lie in it"
        )
        for line in _type_lines(found):
            note(line)
        return
    shown = _columns(options, figures[0])
    cells = [[cell(name, figure[name]) for name in shown] for figure in figures[:top]]
    print_table(f"Concentration by {options.by}, basis {scope.basis}", shown, cells, _TEXTS)
    if len(figures) > top:
        say(f"{len(figures) - top:,} more rows: --top 0, or --format csv.")
    for line in (*_account_lines(found), *_type_lines(found)):
        say(line)
    first = figures[0]
    if options.by == "market" and options.every is None:
        if first["cap"] is not None:
            say(f"Bounds take an unknown value for at most {first['cap']:,.0f} {scope.currency}.")
        _say_resolution(first)


def _counted(found: Scoped) -> str:
    """Return what is counted on the basis of a scope, in words."""
    counted: str = terminal()["concentration"]["counted"][found.scope.basis]
    return counted


def _account_lines(found: Scoped) -> Iterator[str]:
    """Yield what figures rest on and what is left out, in words."""
    account, money = found.account, found.account.coverage_money
    of_money = "" if money is None else f" and {percent(money)} of the money"
    yield f"Rests on {percent(account.coverage or 0)} of {account.rows:,} {_counted(found)} in scope{of_money}."
    yield f"Left out: {account.text() or 'nothing'}."
    yield from found.notes


def _type_lines(found: Scoped) -> Iterator[str]:
    """Yield how much has a service type at all, where only some types are in scope."""
    rows, of_money = found.classified
    if found.scope.services and rows is not None:
        money = "" if of_money is None else f" ({percent(of_money)} of the money)"
        yield f"A service type is known of {percent(rows)} of all {_counted(found)}{money}; others may be of any."


def _columns(options: FigureOptions, first: Figure) -> dict[str, str]:
    """Return the columns of a table by the name of the figure's field, the first of its figures given."""
    words = terminal()["concentration"]
    shown = dict(words[options.by])
    if first.get("pagerank") is not None:
        # The place in the network takes the room of other columns; what was asked for is the last to give way.
        kept = {name: head for name, head in shown.items() if name not in words["less_room"]}
        shown = kept | ({} if first["betweenness"] is None else words["between"]) | words["places"]
    if options.every is not None:
        kept = {name: head for name, head in shown.items() if name not in words["no_room_over_time"]}
        shown = {"from": "from", **kept}
    return shown


def _say_resolution(whole: Figure) -> None:
    """Say what it changes that different names are taken for one organisation, where it changes anything."""
    indices = [whole[name] for name in ("hhi", "hhi_unresolved", "hhi_if_refused", "hhi_if_taken")]
    if indices[1] is None:
        return
    index, unresolved, refused, taken = ("-" if index is None else f"{index:,.0f}" for index in indices)
    if index == unresolved == refused == taken:
        return
    say(
        f"HHI of all by the names as records write them: {unresolved}; if doubtful merges of names were refused, "
        f"{refused}, if taken, {taken}."
    )
