"""concentration: how concentrated markets are, how critical suppliers, how dependent buyers."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from civicgraph.api.commands.common import DEFAULT_FOLDER, OUT, DataOption, UsageError, existing, note, print_table
from civicgraph.api.filters import with_filters
from civicgraph.api.tables.flat import table_text
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.edges.scope import Basis, Scope
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.measures.figure_columns import By, Figure, MarketFigure, as_rows, columns
from civicgraph.graph.measures.figures import figures_of, figures_over_time, party_csv
from civicgraph.graph.measures.periods import Every
from civicgraph.graph.snapshot.snapshot import DataFolder

FigureFormat = Literal["table", "csv", "json"]

_SHOWN: Final[dict[By, dict[str, str]]] = {
    "market": {
        "market": "market", "hhi": "HHI", "hhi_low": "HHI at\nleast", "hhi_high": "HHI at\nmost", "cr4": "CR4",
        "effective_suppliers": "effective\nnumber", "suppliers": "sup-\npliers", "buyers": "\nbuyers",
        "coverage": "cover-\nage",
    },
    "supplier": {
        "name": "supplier", "share": "share", "buyers": "\nbuyers", "hhi_buyers": "HHI\nbuyers",
        "hhi_services": "HHI\nservices", "hhi_places": "HHI\nplaces", "dependent_buyers": "depend-\nent",
        "sole_supplier_of": "sole\nfor",
    },
    "buyer": {
        "name": "buyer", "share": "share", "suppliers": "sup-\npliers", "hhi_suppliers": "HHI\nsuppl.",
        "top_supplier": "top supplier", "top_supplier_share": "its\nshare", "depends_on": "depends\non",
    },
}  # fmt: skip
"""What a terminal of 80 columns has room for; the other formats have every column."""

_PLACES: Final = {"degree": "\ndegree", "pagerank": "page-\nrank", "core_number": "\ncore"}
_BETWEEN: Final = {"betweenness": "between-\nness"}
_LESS_ROOM: Final = frozenset(
    {"effective_suppliers", "hhi_services", "hhi_places", "sole_supplier_of", "top_supplier", "top_supplier_share"}
)
_NO_ROOM_OVER_TIME: Final = frozenset({"market", "buyers", "hhi_services", "hhi_places", "top_supplier"})

_FRACTIONS: Final = frozenset({"share", "cr1", "cr4", "coverage", "top_supplier_share", "core_share"})
_SMALL: Final = frozenset({"pagerank", "betweenness"})
_COUNTED: Final[dict[Basis, str]] = {
    "customers": "services, contracts or payments", "services": "services", "contracts": "contracts",
    "value": "contracts", "spend": "payments",
}  # fmt: skip
_TEXTS: Final = ("market", "name", "top_supplier")
_SHOWN_ROWS: Final = 40
_FINE: Final = 0.01
"""Shares nearer than this to none or all are given with a decimal."""


@with_filters()
def concentration(  # noqa: PLR0913 - one argument an option
    *,
    filters: Filters,
    by: Annotated[By, typer.Option(help="Whose figures.")] = "market",
    every: Annotated[Every | None, typer.Option(help="A figure for each such period.")] = None,
    cap: Annotated[float | None, typer.Option(min=0, help="The most that an unknown value may be.")] = None,
    structure: Annotated[bool, typer.Option("--structure", help="Betweenness and cores too.")] = False,
    top: Annotated[int, typer.Option(min=0, help="How many rows a table shows; 0 for all.")] = _SHOWN_ROWS,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it as PNG or SVG.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Write the figures into the graph.")] = False,
    form: Annotated[FigureFormat, typer.Option("--format", help="How to print them.")] = "table",
    data: DataOption = DEFAULT_FOLDER,
) -> None:
    """Print how concentrated markets are, how critical suppliers, how dependent buyers."""
    if save and filters.plans:
        raise UsageError("--save keeps figures of what is established", "leave out --plans")
    folder = existing(data)
    with folder.edges() as table, table.scoped(filters.scope(table)) as found:
        if form == "csv" and by != "market" and every is None and plot is None and not save:
            sys.stdout.write(party_csv(table, found, by, structure=structure))
            return
        if every is None:
            figures = figures_of(table, found, by, cap=cap, structure=structure)
        else:
            figures = figures_over_time(table, found.scope, by, every, cap=cap, structure=structure)
        if plot is not None:
            _draw(found, figures, plot, over_time=every is not None)
        if form == "table":
            _print(found, figures, _Shape(by, every is not None, structure, top or len(figures)))
        else:
            sys.stdout.write(table_text(columns(by), as_rows(figures), form))
    if save:
        _save(folder, figures)


def print_figures(table: EdgeTable, scope: Scope, by: By) -> None:
    """Print the figures of a scope as a table."""
    with table.scoped(scope) as found:
        _print(found, figures_of(table, found, by), _Shape(by))


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a table shows: whose figures, whether over time, whether places in the network, how many rows."""

    by: By
    over_time: bool = False
    structure: bool = False
    top: int = _SHOWN_ROWS


def _print(found: Scoped, figures: Sequence[Figure], shape: _Shape) -> None:
    scope, account, counted = found.scope, found.account, _COUNTED[found.scope.basis]
    if not account.rows:
        note(f"nothing in scope: no {counted} lie in it")
        for line in _type_lines(found):
            note(line)
        return
    left_out = account.text()
    if not account.counted.rows or not figures:
        note(f"none of the {counted} in scope counts; left out: {left_out}")
        for line in _type_lines(found):
            note(line)
        return
    shown = _columns(shape, figures[0])
    cells = [[_cell(figure, name) for name in shown] for figure in figures[: shape.top]]
    print_table(f"Concentration by {shape.by}, basis {scope.basis}", shown, cells, _TEXTS)
    if len(figures) > shape.top:
        OUT.print(f"{len(figures) - shape.top:,} more rows: --top 0, or --format csv.", highlight=False)
    for line in (*account_lines(found), *_type_lines(found)):
        OUT.print(line, highlight=False)
    first = figures[0]
    if isinstance(first, MarketFigure) and not shape.over_time:
        if first.cap is not None:
            OUT.print(f"Bounds take an unknown value for at most {first.cap:,.0f} {scope.currency}.", highlight=False)
        _print_resolution(first)


def account_lines(found: Scoped) -> Iterator[str]:
    """Yield what figures rest on and what is left out, in words."""
    account, counted = found.account, _COUNTED[found.scope.basis]
    money = account.coverage_money
    of_money = "" if money is None else f" and {percent(money)} of the money"
    yield f"Rests on {percent(account.coverage or 0)} of {account.rows:,} {counted} in scope{of_money}."
    yield f"Left out: {account.text() or 'nothing'}."
    yield from found.notes


def _type_lines(found: Scoped) -> Iterator[str]:
    """Yield how much has a service type at all, where only some types are in scope."""
    typed = found.classified
    if found.scope.services and typed.rows is not None:
        money = "" if typed.money is None else f" ({percent(typed.money)} of the money)"
        counted = _COUNTED[found.scope.basis]
        yield f"A service type is known of {percent(typed.rows)} of all {counted}{money}; others may be of any."


def percent(share: float) -> str:
    """Return a share in percent, never rounded to nothing or to all.

    >>> percent(0.0051), percent(0.9996), percent(1.0), percent(0.66)
    ('0.5%', '99.9%', '100%', '66%')
    """
    if 0 < share < _FINE or 1 - _FINE < share < 1:
        return f"{min(max(share, 0.001), 0.999):.1%}"
    return f"{share:.0%}"


def _columns(shape: _Shape, first: Figure) -> dict[str, str]:
    """Return the columns of a table by the name of the figure's field, the first of its figures given."""
    shown = _SHOWN[shape.by]
    if isinstance(first, MarketFigure):
        shown = shown | ({"core_share": "core's\nshare"} if shape.structure else {})
    elif first.pagerank is not None:
        # The place in the network takes the room of other columns; what was asked for is the last to give way.
        kept = {name: head for name, head in shown.items() if name not in _LESS_ROOM}
        shown = kept | ({} if first.betweenness is None else _BETWEEN) | _PLACES
    if shape.over_time:
        kept = {name: head for name, head in shown.items() if name not in _NO_ROOM_OVER_TIME}
        shown = {"from_": "from", **kept}
    return shown


def _print_resolution(whole: MarketFigure) -> None:
    """Say what it changes that different names are taken for one organisation, where it changes anything."""
    indices = whole.hhi, whole.hhi_unresolved, whole.hhi_if_refused, whole.hhi_if_taken
    if indices[1] is None:
        return
    index, unresolved, refused, taken = ("-" if index is None else f"{index:,.0f}" for index in indices)
    if index == unresolved == refused == taken:
        return
    OUT.print(
        f"HHI of all by the names as records write them: {unresolved}; if doubtful merges of names were refused, "
        f"{refused}, if taken, {taken}.",
        highlight=False,
    )


def _cell(figure: Figure, name: str) -> str:
    value = getattr(figure, name)
    if value is None:
        return "-"
    if name in _FRACTIONS:
        return f"{value:.0%}"
    if name in _SMALL:
        return f"{value:.2%}"
    if isinstance(value, float):
        return f"{value:,.1f}" if name == "effective_suppliers" else f"{value:,.0f}"
    return str(value)


def _draw(found: Scoped, figures: Sequence[Figure], path: Path, *, over_time: bool) -> None:
    from civicgraph.graph.exports.plots import PlotError, draw  # noqa: PLC0415 - a plotting library takes a while to import

    try:
        path.write_bytes(draw(found, figures, path.suffix, over_time=over_time))
    except PlotError as error:
        raise UsageError(
            str(error), "name a file that ends in .png or .svg, or a scope that holds something"
        ) from error
    note(f"drawn: {path}")


def _save(folder: DataFolder, found: Sequence[Figure]) -> None:
    from civicgraph.graph.measures.observations import save_figures  # noqa: PLC0415 - only when something is saved

    source, count = save_figures(folder, found)
    note(f"{count} observations saved as the source {source}; civicgraph unload {source} takes them out")
