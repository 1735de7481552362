"""claims show: what a claims file says, each claim with the words that it rests on."""

from collections.abc import Iterable, Mapping
from itertools import chain, groupby
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from pyoxigraph import NamedNode

from civicgraph.api.commands.common import note, say_lines, terminal
from civicgraph.api.own_queries import query
from civicgraph.api.pages.claims import Claim, claim_lines
from civicgraph.api.pages.values import Node, node_of, text_of
from civicgraph.api.pages.words import property_label
from civicgraph.api.parameters import with_options
from civicgraph.api.settings import Folder
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.graph.records.iris import thing_iri
from civicgraph.ontology.read import class_labels
from civicgraph.ontology.terms import CG_NS
from civicgraph.seeds_loader.claims.claims_file import read_claims
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.load import engine_in_memory
from civicgraph.seeds_loader.yaml_lines import claims_files

claims = typer.Typer(name="claims", add_completion=False, no_args_is_help=True)


@claims.callback()
def _claims() -> None:
    """Read claims files against their documents."""


@claims.command(epilog="Example: civicgraph claims show seeds_loader/facts --view plans")
@with_options
def show(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Claims files, or folders of them.")],
    *,
    view: Annotated[
        Literal["established", "plans", "rumours"] | None,
        typer.Option(help="Show what this view says, derived statements too, in place of the claims."),
    ] = None,
    articles: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder of articles; else those that `documents` made known.")
    ] = None,
    register: Folder,
) -> None:
    """Print every claim with its line, its marks and its words; or every sentence of a view with its grounds.

    Nothing is loaded. Claims at fault are told of and left out.
    """
    documents = Documents(register.path if articles is None else None)
    if articles is not None:
        documents.add_folder(articles)
    files = {path: read_claims(path, documents) for path in claims_files(paths)}
    for file in files.values():
        for fault in (*file.report.rejections, *file.report.warnings):
            note(str(fault))
    engine = engine_in_memory(paths)
    if view is not None:
        for sentence in sentences(engine, documents, CG_NS + view):
            said, words = _said(sentence["property"], sentence["value"]), _in_words(sentence["grounds"])
            say_lines(terminal()["claims"]["sentence"], sentence=sentence, said=said, words=words)
        return
    for path, file in files.items():
        lines = {thing_iri(f"claim/{claim}"): line for claim, line in file.lines.items()}
        for claim in sorted(claim_lines(engine, documents, lines), key=lambda claim: lines[claim["iri"]]):
            said, words = _said(claim["property"], claim["value"]), _in_words([claim])
            where = f"{path.name}:{lines[claim['iri']]}"
            say_lines(terminal()["claims"]["claim"], where=where, claim=claim, said=said, words=words)
    note(f"{sum(len(file.claims) for file in files.values())} claims")


def sentences(engine: Engine, documents: Documents, view: str) -> list[Mapping[str, Any]]:
    """Return what a view says of named things, in the order of their names.

    The `rule` of one is empty where claims state it, else it says what derived it from the claims, its `grounds`.
    Left out are the classes that a claims file declares, those above another, and the bounds of inexact dates.

    Parameters
    ----------
    engine, documents
        A snapshot, and the articles at hand.
    view
        The IRI of a view.
    """

    def triple(row: Row) -> tuple[str, ...]:
        return tuple(text_of(row, name) for name in ("subject", "property", "value"))

    found: list[tuple[Row, set[str]]] = []
    for _, rows in groupby(engine.select(query("sentences"), bind={"view": NamedNode(view)}), key=triple):
        # What claims state comes first; of what follows by several rules, the first is told.
        first, *others = rows
        same = [first, *(row for row in others if row["rank"] == first["rank"])]
        found.append((first, {text_of(row, "claim") for row in same}))
    lines = {line["iri"]: line for line in claim_lines(engine, documents, chain(*(claims for _, claims in found)))}
    return [
        {
            "subject": node_of(row, "subject"),
            "property": property_label(text_of(row, "property")),
            "value": node_of(row, "value"),
            "rule": text_of(row, "rule"),
            "grounds": [line for claim, line in lines.items() if claim in claims],
        }
        for row, claims in found
    ]


def _said(name: str, value: Node) -> str:
    kind = class_labels().get(value.iri or "")
    if kind is not None:
        return f"is {'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    return f"{name}: {value.text}"


def _in_words(claims: Iterable[Claim]) -> list[str]:
    """Return the words that claims rest on, or where they are where the document is not at hand."""
    return [
        f"{words.evidence.start}-{words.evidence.end} of {words.document.text}, which is not at hand"
        if words.quotation is None
        else f"{words.evidence.start}-{words.evidence.end}: {' '.join(words.quotation.words.split())!r}"
        for words in dict.fromkeys(claim["words"] for claim in claims)
    ]
