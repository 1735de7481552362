"""check: whether what is loaded is sound, and claims say what the words that they cite do."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Annotated

import typer
from pyoxigraph import Literal

from civicgraph.api.commands.common import OUT, existing, note
from civicgraph.api.own_queries import query
from civicgraph.api.pages.values import text_of
from civicgraph.api.settings import Place
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.records.types import Evidence, Text, Value
from civicgraph.graph.snapshot.check import Finding
from civicgraph.graph.snapshot.check import check as run
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.claims.wording import REMEDY, unsaid


def check(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    place: Place,
) -> None:
    """Check the current snapshot against the shapes, the integrity rules and, where they are at hand, the articles.

    Exit 1 if anything is violated.
    """
    with existing(place).open() as snapshot:
        findings = [*run(snapshot.engine), *_unsaid_claims(snapshot.engine, Documents(place.path))]
    violated = [finding for finding in findings if finding.severity == "Violation"]
    if as_json:
        shown = ("severity", "focus", "label", "message")
        rows = [{name: getattr(one, name) for name in shown} for one in findings]
        OUT.print_json(json.dumps(rows, ensure_ascii=False))
    else:
        for finding in findings:
            note(f"{finding.severity}: {finding.label or finding.focus}: {finding.message} <{finding.focus}>")
    warnings = sum(finding.severity == "Warning" for finding in findings)
    note(f"{len(violated)} violations, {warnings} warnings")
    if violated:
        raise typer.Exit(1)


def _unsaid_claims(engine: Engine, documents: Documents) -> Iterator[Finding]:
    """Yield a warning for each claim whose value is not in its words, as far as its document is at hand."""
    for claim, rows in groupby(engine.select(query("claim-words")), key=lambda row: text_of(row, "claim")):
        row, *others = rows
        text = documents.text(text_of(row, "sha256"))
        if text is None:
            continue
        term = row["value"]
        value: Value = Text(term.value, term.datatype.value) if isinstance(term, Literal) else text_of(row, "value")
        place = Evidence(text_of(row, "sha256"), int(text_of(row, "start")), int(text_of(row, "end")))
        names = [text_of(one, "name") for one in (row, *others) if text_of(one, "name")]
        prop = text_of(row, "property")
        if reason := unsaid(prop, value, text[place.start : place.end], names, text):
            where = f"{prop.rpartition('#')[2]}, {place.start}-{place.end}"
            yield Finding("Warning", claim, text_of(row, "subjectLabel"), f"{where}: {reason}; {REMEDY}.", prop)
