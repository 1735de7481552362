"""export: views as files for Gephi and others and as pictures, and the whole graph as TriG."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final, Literal, cast, get_args

import typer

from civicgraph.api.commands.common import DEFAULT_FOLDER, DataOption, UsageError, day_of, existing, note
from civicgraph.api.figures.selecting import amount, selected
from civicgraph.graph.edges.scope import Basis, Level
from civicgraph.graph.exports.selection import Selection, View

if TYPE_CHECKING:
    from civicgraph.graph.engine.interface import Engine
    from civicgraph.graph.exports.drawing import Drawing

ViewFormat = Literal["gexf", "graphml", "csv", "svg", "png"]
ExportFormat = Literal[ViewFormat, "trig", "epo", "ocds", "org", "popolo", "nanopub"]
_RDF: Final[tuple[ExportFormat, ...]] = ("trig", "epo", "ocds", "org", "popolo", "nanopub")
"""Forms of the whole graph as RDF."""

_DAY = ["%Y-%m-%d"]


def export(  # noqa: PLR0913 - one argument an option
    form: Annotated[ExportFormat, typer.Argument(metavar="|".join(get_args(ExportFormat)), help="What to write.")],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file; for csv the folder.")],
    view: Annotated[View, typer.Option(help="Which network.")] = "network",
    service: Annotated[str | None, typer.Option(help="A service type, with all under it.")] = None,
    place: Annotated[str | None, typer.Option(help="A place, with all in it.")] = None,
    start: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="First day of the period.")] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last day of the period.")] = None,
    as_of: Annotated[datetime | None, typer.Option(formats=_DAY, help="The day on which ties must hold.")] = None,
    level: Annotated[Level, typer.Option(help="Legal entities, or the groups that own them.")] = "entity",
    minimum: Annotated[str | None, typer.Option(help="Least sum in pounds of the ties between two.")] = None,
    around: Annotated[str | None, typer.Option(help="The node whose neighbourhood to show.")] = None,
    depth: Annotated[int, typer.Option(help="How many steps the neighbourhood goes.")] = 1,
    basis: Annotated[Basis | None, typer.Option(help="What sizes and shares go by.")] = None,
    shared: Annotated[int, typer.Option(help="suppliers: least number of shared buyers.")] = 2,
    nodes: Annotated[int, typer.Option(min=2, max=400, help="svg and png: how many nodes to show at most.")] = 60,
    data: DataOption = DEFAULT_FOLDER,
) -> None:
    """Write a view for Gephi (gexf, csv), others (graphml) or print (svg, png), or the whole graph as RDF.

    trig holds all of it; epo, ocds, org and popolo the established view in the words of these vocabularies, as Turtle;
    nanopub the claims as nanopublications.
    """
    asked = Selection(
        service=service,
        place=place,
        start=day_of(start),
        end=day_of(end),
        as_of=day_of(as_of),
        level=level,
        minimum=amount(minimum),
        around=around,
        depth=depth,
        basis=basis,
        shared=shared,
    )
    if form in _RDF and asked != Selection():
        raise UsageError(f"filters do not apply to {form}", f"leave them out: {form} holds the whole graph")
    with existing(data).open() as snapshot:
        if form in _RDF:
            with output.open("wb") as file:
                note(f"{_write_rdf(snapshot.engine, form, file)} written to {output}")
            return
        from civicgraph.graph.edges.network import build_network  # noqa: PLC0415
        from civicgraph.graph.exports.views import draw  # noqa: PLC0415 - scipy and networkx take a while

        network = build_network(snapshot.engine)
        drawing = draw(snapshot.engine, network, view, selected(network, asked))
    for text in drawing.notes:
        note(text)
    _write(drawing, cast("ViewFormat", form), output, nodes)
    note(f"{drawing.node_count} nodes and {drawing.edge_count} edges written to {output}")


def _write_rdf(engine: "Engine", form: ExportFormat, file: IO[bytes]) -> str:
    """Write the graph as RDF and return how much was written, in words."""
    from civicgraph.graph.exports.exchange import VOCABULARIES, in_words_of, write_nanopublications  # noqa: PLC0415
    from civicgraph.graph.exports.quads import write_trig  # noqa: PLC0415

    if form == "trig":
        return f"{write_trig(engine.quads(), file)} quads"
    if form == "nanopub":
        return f"{write_nanopublications(engine, file)} nanopublications"
    vocabulary = next(one for one in VOCABULARIES if one == form)
    return f"{file.write(in_words_of(engine, vocabulary))} bytes"


def _write(drawing: "Drawing", form: ViewFormat, output: Path, nodes: int) -> None:
    if form == "csv":
        from civicgraph.graph.exports.sheets import edges_csv, nodes_csv  # noqa: PLC0415

        output.mkdir(parents=True, exist_ok=True)
        _save(nodes_csv(drawing), output / "nodes.csv")
        _save(edges_csv(drawing), output / "edges.csv")
    elif form == "gexf":
        from civicgraph.graph.exports.gexf import gexf  # noqa: PLC0415

        _save(gexf(drawing), output)
    elif form == "graphml":
        from civicgraph.graph.exports.graphml import graphml  # noqa: PLC0415

        _save(graphml(drawing), output)
    else:
        from civicgraph.graph.exports.picture import picture  # noqa: PLC0415

        _save([picture(drawing, form, nodes)], output)


def _save(pieces: Iterable[bytes], path: Path) -> None:
    with path.open("wb") as file:
        file.writelines(pieces)
