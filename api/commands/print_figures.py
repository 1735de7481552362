"""concentration: how concentrated markets are, how critical suppliers, how dependent buyers."""

import sys
from collections.abc import Sequence
from typing import Annotated, Final, Literal

import typer

from civicgraph.api.commands.common import (
    UsageError,
    cell,
    existing,
    in_words,
    note,
    percent,
    print_table,
    say,
    terminal,
)
from civicgraph.api.figures.figure_options import FigureOptions
from civicgraph.api.settings import Place
from civicgraph.api.tables.flat import table_text
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.edges.table import Scoped
from civicgraph.graph.measures.figure_columns import Figure, columns

FigureFormat = Literal["table", "csv", "json"]

_TEXTS: Final = ("market", "name", "top_supplier")
_SHOWN_ROWS: Final = 40


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
    """Print figures as a table, with what they rest on and what is left out; to standard error where nothing counts."""
    words, counts = terminal()["concentration"], bool(found.account.counted.rows and figures)
    if counts:
        shown = _columns(options, figures[0])
        cells = [[cell(name, figure[name]) for name in shown] for figure in figures[:top]]
        print_table(f"Concentration by {options.by}, basis {found.scope.basis}", shown, cells, _TEXTS)
    values = {
        "counted": words["counted"][found.scope.basis],
        "more": len(figures) - top,
        "whole": figures[0] if counts and options.by == "market" and options.every is None else None,
    }
    (say if counts else note)(
        in_words(words["account"], found=found, counts=counts, cell=cell, percent=percent, **values)
    )


def _columns(options: FigureOptions, first: Figure) -> dict[str, str]:
    """Return the columns of a table by the name of the figure's field, the first of its figures given."""
    words = terminal()["concentration"]
    shown = dict(words[options.by])
    if options.by == "market":
        shown |= words["core"] if options.structure else {}
    elif first["pagerank"] is not None:
        # The place in the network takes the room of other columns; what was asked for is the last to give way.
        kept = {name: head for name, head in shown.items() if name not in words["less_room"]}
        shown = kept | ({} if first["betweenness"] is None else words["between"]) | words["places"]
    if options.every is not None:
        kept = {name: head for name, head in shown.items() if name not in words["no_room_over_time"]}
        shown = {"from": "from", **kept}
    return shown
