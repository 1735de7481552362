"""concentration: how concentrated markets are, how critical suppliers, how dependent buyers."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from rich.markup import escape
from rich.table import Table

from civicgraph.api.commands.common import DEFAULT_FOLDER, OUT, DataOption, UsageError, day_of, existing, note
from civicgraph.api.figures.asked import Asked, at_level
from civicgraph.api.figures.selecting import period_of
from civicgraph.api.tables.flat import table_text
from civicgraph.graph.edges.scope import Basis, Level, Scope
from civicgraph.graph.edges.selection import Selection, select
from civicgraph.graph.edges.ties.arrays import Ties
from civicgraph.graph.measures.figures import By, Figure, MarketFigure, as_rows, columns, figures
from civicgraph.graph.measures.series import Every
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

_PLACES: Final = {"pagerank": "page-\nrank", "betweenness": "between-\nness", "core_number": "\ncore"}
_STRUCTURE: Final[dict[By, dict[str, str]]] = {
    "market": {"core_share": "core's\nshare"},
    "supplier": _PLACES,
    "buyer": _PLACES,
}
"""What the structure of the network adds; it takes the place of other columns."""
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
_SHOWN_ROWS: Final = 40

Day = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="One day.")]


def concentration(  # noqa: PLR0913 - one argument an option
    *,
    by: Annotated[By, typer.Option(help="Whose figures.")] = "supplier",
    service: Annotated[str | None, typer.Option(help="A service type, with all under it.")] = None,
    place: Annotated[str | None, typer.Option(help="A place, with all in it.")] = None,
    start: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    basis: Annotated[Basis, typer.Option(help="What a share is a share of.")] = "customers",
    level: Annotated[Level, typer.Option(help="Legal entities, or groups.")] = "entity",
    as_of: Day = None,
    every: Annotated[Every | None, typer.Option(help="A figure for each such period.")] = None,
    currency: Annotated[str, typer.Option(help="What money counts.")] = "GBP",
    cap: Annotated[float | None, typer.Option(min=0, help="The most that an unknown value may be.")] = None,
    plans: Annotated[bool, typer.Option("--plans", help="Take in what is planned.")] = False,
    structure: Annotated[bool, typer.Option("--structure", help="PageRank, betweenness and cores too.")] = False,
    top: Annotated[int, typer.Option(min=0, help="How many rows a table shows; 0 for all.")] = _SHOWN_ROWS,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it as PNG or SVG.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Write the figures into the graph.")] = False,
    form: Annotated[FigureFormat, typer.Option("--format", help="How to print them.")] = "table",
    data: DataOption = DEFAULT_FOLDER,
) -> None:
    """Print how concentrated markets are, how critical suppliers, how dependent buyers."""
    first, last = period_of(day_of(start), day_of(end), day_of(as_of))
    asked = Asked(by, basis, service, place, first, last, level, every, currency, cap, plans, structure)
    if save and plans:
        raise UsageError("--save keeps figures of what is established", "leave out --plans")
    folder = existing(data)
    with folder.ties() as kept:
        ties = at_level(kept, asked, folder.open)
        whole = select(ties, asked.scope(ties))
        found = asked.figures(ties, whole)
        if plot is not None:
            _draw(whole, found, plot, over_time=every is not None)
        _print(whole, asked, found, form, top or len(found))
    if save:
        _save(folder, found)


def print_figures(ties: Ties, scope: Scope, by: By) -> None:
    """Print the figures of a scope as a table."""
    whole = select(ties, scope)
    _print(whole, Asked(by), figures(ties, scope, by, whole=whole), "table", _SHOWN_ROWS)


def _print(whole: Selection, asked: Asked, found: Sequence[Figure], form: FigureFormat, top: int) -> None:
    if form != "table":
        sys.stdout.write(table_text(columns(asked.by), as_rows(found), form))
        return
    scope, counted = whole.scope, _COUNTED[whole.scope.basis]
    left_out = "; ".join(f"{count:,} {reason}" for reason, count in whole.excluded.items())
    if not whole.records:
        note(f"nothing in scope: no {counted} lie in it")
        return
    if not found:
        note(f"none of the {counted} in scope counts; left out: {left_out}")
        return
    _print_table(f"Concentration by {asked.by}, basis {scope.basis}", _columns(asked), found[:top])
    if len(found) > top:
        OUT.print(f"{len(found) - top:,} more rows: --top 0, or --format csv.", highlight=False)
    covered = "nothing" if whole.coverage is None else f"{whole.coverage:.0%}"
    OUT.print(
        f"Rests on {covered} of {whole.records:,} ties in scope; left out: {left_out or 'nothing'}.", highlight=False
    )
    if whole.cap is not None:
        OUT.print(f"Bounds take an unknown value for at most {whole.cap:,.0f} {scope.currency}.", highlight=False)
    if asked.every is None and isinstance(found[0], MarketFigure):
        _print_resolution(found[0])


def _columns(asked: Asked) -> dict[str, str]:
    """Return the columns of a table by the name of the figure's field."""
    shown = _SHOWN[asked.by]
    if asked.structure:
        shown = {name: head for name, head in shown.items() if name not in _LESS_ROOM} | _STRUCTURE[asked.by]
    if asked.every is not None:
        kept = {name: head for name, head in shown.items() if name not in _NO_ROOM_OVER_TIME}
        shown = {"from_": "from", **kept}
    return shown


def _print_table(title: str, shown: dict[str, str], found: Sequence[Figure]) -> None:
    table = Table(title=title, title_justify="left", box=None)
    for name, heading in shown.items():
        is_text = name in ("market", "name", "top_supplier")
        table.add_column(
            heading,
            justify="left" if is_text else "right",
            overflow="fold",
            no_wrap=not is_text,
            min_width=len("2019-04-01") if name == "from_" else None,
            vertical="top",
        )
    for figure in found:
        table.add_row(*(_cell(figure, name) for name in shown))
    OUT.print(table)


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
    return escape(str(value))


def _draw(whole: Selection, found: Sequence[Figure], path: Path, *, over_time: bool) -> None:
    from civicgraph.graph.exports.plots import PlotError, draw  # noqa: PLC0415 - a plotting library takes a while to import

    try:
        path.write_bytes(draw(whole, found, path.suffix, over_time=over_time))
    except PlotError as error:
        raise UsageError(
            str(error), "name a file that ends in .png or .svg, or a scope that holds something"
        ) from error
    note(f"drawn: {path}")


def _save(folder: DataFolder, found: Sequence[Figure]) -> None:
    from civicgraph.graph.measures.observations import save_figures  # noqa: PLC0415 - only when something is saved

    source, count = save_figures(folder, found)
    note(f"{count} observations saved as the source {source}; civicgraph unload {source} takes them out")
