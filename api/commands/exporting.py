"""export: the network and the whole graph as files."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from civicgraph.api.commands.common import (
    DEFAULT_FOLDER,
    DataOption,
    NotBuiltError,
    UsageError,
    existing,
    note,
    period,
)
from civicgraph.graph.exports.gexf import write_gexf
from civicgraph.graph.exports.graphml import write_graphml
from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.exports.sheets import edges_csv, nodes_csv
from civicgraph.graph.network import Network, build_network
from civicgraph.graph.scope import in_period

TITLE: Final = "civicgraph: who supplies whom, as established"

ExportFormat = Literal["gexf", "graphml", "csv", "trig"]
View = Literal["network", "contracts", "suppliers"]


def export(
    form: Annotated[ExportFormat, typer.Argument(metavar="gexf|graphml|csv|trig", help="What to write.")],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file; for csv the folder.")],
    view: Annotated[View, typer.Option(help="Which network.")] = "network",
    start: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    data: DataOption = DEFAULT_FOLDER,
) -> None:
    """Write the network for Gephi (gexf, csv) and others (graphml), or the whole graph as RDF (trig)."""
    if view != "network":
        raise NotBuiltError(f"--view {view}", "leave it out for the network of buyers and suppliers")
    if form == "trig" and (start or end):
        raise UsageError("a period does not apply to trig", "leave it out: trig holds the whole graph")
    first, last = period(start, end)
    with existing(data).open() as snapshot:
        if form == "trig":
            with output.open("wb") as file:
                note(f"{write_trig(snapshot.engine.quads(), file)} quads written to {output}")
            return
        network = build_network(snapshot.engine)
    if start or end:
        network, undated = in_period(network, first, last)
        note(f"{undated} ties without any date are left out")
    _write_network(network, form, output)
    note(f"{network.number_of_nodes()} nodes and {network.number_of_edges()} ties written to {output}")


def _write_network(network: Network, form: Literal["gexf", "graphml", "csv"], output: Path) -> None:

    if form == "csv":
        output.mkdir(parents=True, exist_ok=True)
        for name, text in (("nodes.csv", nodes_csv(network)), ("edges.csv", edges_csv(network))):
            (output / name).write_text(text, encoding="utf-8", newline="")
        return
    with output.open("wb") as file:
        if form == "gexf":
            write_gexf(network, file, TITLE)
        else:
            write_graphml(network, file)
