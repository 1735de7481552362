"""export: views as files for Gephi and others and as pictures, and the whole graph as TriG."""

import gc
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final, Literal, get_args

import typer

from civicgraph.api.commands.common import UsageError, existing, note
from civicgraph.api.parameters import OF_ANY_BASIS, of_any_basis
from civicgraph.api.settings import Place
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.exports.options import Options, View

if TYPE_CHECKING:
    from civicgraph.graph.engine.interface import Engine

ViewFormat = Literal["gexf", "graphml", "csv", "svg", "png"]
ExportFormat = Literal[ViewFormat, "trig", "epo", "ocds", "org", "popolo", "nanopub"]
_WRITERS: Final = {
    "gexf": [("gexf", "gexf", "")],
    "graphml": [("forms", "graphml", "")],
    "csv": [("forms", "nodes_csv", "nodes.csv"), ("forms", "edges_csv", "edges.csv")],
}
"""The module and the function that write a form, and the file where the form has several."""
_RDF: Final[tuple[ExportFormat, ...]] = ("trig", "epo", "ocds", "org", "popolo", "nanopub")
"""Forms of the whole graph as RDF."""


def export(
    form: Annotated[ExportFormat, typer.Argument(metavar="|".join(get_args(ExportFormat)), help="What to write.")],
    *,
    filters: Filters = OF_ANY_BASIS,
    options: Options,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file; for csv the folder.")],
    view: Annotated[View, typer.Option(help="Which network.")] = "network",
    nodes: Annotated[int, typer.Option(min=2, max=400, help="svg and png: how many nodes to show at most.")] = 60,
    place: Place,
) -> None:
    """Write a view for Gephi (gexf, csv), others (graphml) or print (svg, png), or the whole graph as RDF.

    trig holds all of it; epo, ocds, org and popolo the established view in the words of these vocabularies, as Turtle;
    nanopub the claims as nanopublications.
    """
    filters, by_money = of_any_basis(filters)
    options = replace(options, by_money=by_money)
    folder = existing(place)
    if form in _RDF:
        if (filters, options) != (Filters(), Options()):
            raise UsageError(f"filters do not apply to {form}", f"leave them out: {form} holds the whole graph")
        with folder.open() as snapshot, output.open("wb") as file:
            note(f"{_write_rdf(snapshot.engine, form, file)} written to {output}")
        return
    from civicgraph.graph.exports.views import draw  # noqa: PLC0415 - scipy and networkx take a while

    gc.disable()  # what is drawn stays until all is written: one look through it for cycles takes a tenth of the time
    with folder.open() as snapshot, folder.edges() as table:
        drawing = draw(view, table, snapshot.engine, filters.scope(table), options)
    for text in drawing.notes:
        note(text)
    if form == "svg" or form == "png":  # noqa: PLR1714 - so that the type is known
        from civicgraph.graph.exports.picture import picture  # noqa: PLC0415

        output.write_bytes(picture(drawing, form, nodes))
    if form == "csv":
        output.mkdir(parents=True, exist_ok=True)
    for module, writer, name in _WRITERS.get(form, ()):
        write = getattr(import_module(f"civicgraph.graph.exports.{module}"), writer)
        with (output / name).open("wb") as file:
            file.writelines(write(drawing))
    note(f"{len(drawing.graph)} nodes and {drawing.graph.number_of_edges()} edges written to {output}")


def _write_rdf(engine: "Engine", form: ExportFormat, file: IO[bytes]) -> str:
    """Write the graph as RDF and return how much was written, in words."""
    from civicgraph.graph.exports.quads import (  # noqa: PLC0415
        VOCABULARIES,
        in_words_of,
        write_nanopublications,
        write_trig,
    )

    if form == "trig":
        return f"{write_trig(engine.quads(), file)} quads"
    if form == "nanopub":
        return f"{write_nanopublications(engine, file)} nanopublications"
    vocabulary = next(one for one in VOCABULARIES if one == form)
    return f"{file.write(in_words_of(engine, vocabulary))} bytes"
