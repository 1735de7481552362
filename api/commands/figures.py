"""concentration: how concentrated markets are, how critical suppliers, how dependent buyers."""

import sys
from datetime import datetime
from typing import Annotated, Final, Literal

import typer
from rich.markup import escape
from rich.table import Table

from civicgraph.api.commands.common import (
    DEFAULT_FOLDER,
    OUT,
    DataOption,
    NotBuiltError,
    UsageError,
    existing,
    note,
    period,
)
from civicgraph.api.flat import table_text
from civicgraph.graph.measures.figures import By, Figure, as_row, columns, figures
from civicgraph.graph.network import Network, build_network
from civicgraph.graph.scope import Basis, Scope, find, market

FigureFormat = Literal["table", "csv", "json"]

_SHOWN: Final[dict[By, dict[str, str]]] = {
    "market": {
        "market": "market", "hhi": "HHI", "cr1": "CR1", "cr4": "CR4", "effective_suppliers": "effective\nnumber",
        "suppliers": "sup-\npliers", "buyers": "\nbuyers", "coverage": "cover-\nage",
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

_FRACTIONS: Final = frozenset({"share", "cr1", "cr4", "coverage", "top_supplier_share"})


def concentration(  # noqa: PLR0913 - one argument an option
    *,
    by: Annotated[By, typer.Option(help="Whose figures.")] = "supplier",
    service: Annotated[str | None, typer.Option(help="A service type, with all under it.")] = None,
    place: Annotated[str | None, typer.Option(help="A place, with all in it.")] = None,
    start: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    basis: Annotated[Basis, typer.Option(help="What a share is a share of.")] = "customers",
    level: Annotated[Literal["entity", "group"], typer.Option(help="Legal entities, or groups.")] = "entity",
    as_of: Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="One day.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Write the figures into the graph.")] = False,
    form: Annotated[FigureFormat, typer.Option("--format", help="How to print them.")] = "table",
    data: DataOption = DEFAULT_FOLDER,
) -> None:
    """Print how concentrated markets are, how critical suppliers, how dependent buyers."""
    if level == "group":
        raise NotBuiltError("--level group", "it needs ownership data; leave it out for legal entities")
    if save:
        raise NotBuiltError("--save", "use --format json or csv to keep the figures")
    if as_of and (start or end):
        raise UsageError("--as-of names one day, --from and --to a period", "give one or the other")
    first, last = period(as_of or start, as_of or end)
    with existing(data).open() as snapshot:
        network = build_network(snapshot.engine)
    scope = Scope(
        service=None if service is None else find(network, service),
        place=None if place is None else find(network, place),
        start=first,
        end=last,
        basis=basis,
    )
    print_figures(network, scope, by, form)


def print_figures(network: Network, scope: Scope, by: By, form: FigureFormat = "table") -> None:
    """Print the figures of a scope."""
    found = figures(network, scope, by)
    if form != "table":
        sys.stdout.write(table_text(columns(by), map(as_row, found), form))
        return
    if not found:
        note(f"nothing in scope: no {scope.basis} that are established lie in it")
        return
    shown = _SHOWN[by]
    table = Table(title=f"Concentration by {by}, basis {scope.basis}", title_justify="left", box=None)
    for name, heading in shown.items():
        is_text = name in ("market", "name", "top_supplier")
        table.add_column(
            heading, justify="left" if is_text else "right", overflow="fold", no_wrap=not is_text, vertical="top"
        )
    for figure in found:
        table.add_row(*(_cell(figure, name) for name in shown))
    OUT.print(table)
    whole = market(network, scope)
    left_out = "; ".join(f"{count} {reason}" for reason, count in whole.excluded.items())
    covered = "nothing" if whole.coverage is None else f"{whole.coverage:.0%}"
    OUT.print(
        f"Rests on {covered} of {whole.records} ties in scope; left out: {left_out or 'nothing'}.", highlight=False
    )


def _cell(figure: Figure, name: str) -> str:
    value = getattr(figure, name)
    if value is None:
        return "-"
    if name in _FRACTIONS:
        return f"{value:.0%}"
    if isinstance(value, float):
        return f"{value:,.1f}" if name == "effective_suppliers" else f"{value:,.0f}"
    return escape(str(value))
