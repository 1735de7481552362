"""query and check: what the graph says, and whether it is sound."""

import json
import signal
import sys
from pathlib import Path
from typing import IO, Annotated, Final, Literal

import typer
from rich.markup import escape
from rich.table import Table

from civicgraph.api.commands.common import DEFAULT_FOLDER, OUT, DataOption, UsageError, existing, note
from civicgraph.graph.store.engine import QueryKindError, ResultFormat, ResultKind, Row
from civicgraph.ontology.read import PREFIXES

QueryFormat = Literal["table", "csv", "tsv", "json", "xml", "ttl"]

_SOLUTIONS: Final[dict[QueryFormat, ResultFormat]] = {"csv": "csv", "tsv": "tsv", "json": "json", "xml": "xml"}


def query(
    sparql: Annotated[str, typer.Argument(metavar="SPARQL|FILE|-", help="A query, its file, or - for input.")],
    *,
    form: Annotated[QueryFormat, typer.Option("--format", help="table prints solutions; ttl is for graphs.")] = "table",
    data: DataOption = DEFAULT_FOLDER,
) -> None:
    """Ask a SPARQL query; the default graph is what is established."""
    text = _query_text(sparql)
    # The engine does not look at Python's signals while it works; nothing is written, so Ctrl-C may end us at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    formats: dict[ResultKind, ResultFormat] = {
        "solutions": _SOLUTIONS.get(form, "turtle"),
        "boolean": "xml" if form == "xml" else "json",
        "graph": "turtle",
    }
    with existing(data).open() as snapshot:
        if form == "table":
            try:
                _print_solutions(list(snapshot.engine.select(text)))
            except QueryKindError:
                pass  # an answer of another kind has no table, and is written below
            else:
                return
        out = sys.stdout.buffer

        def begin(_: ResultFormat) -> IO[bytes]:
            return out

        snapshot.engine.write_results(text, formats, begin)
        out.write(b"\n")
        out.flush()


def check(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    data: DataOption = DEFAULT_FOLDER,
) -> None:
    """Check the current snapshot against the shapes and the integrity rules. Exit 1 if anything is violated."""
    from civicgraph.graph.check import check as run  # noqa: PLC0415 - pySHACL takes a second to import

    with existing(data).open() as snapshot:
        findings = run(snapshot.engine)
    violated = [finding for finding in findings if finding.severity == "Violation"]
    if as_json:
        rows = [
            {"severity": one.severity, "focus": one.focus, "label": one.label, "message": one.message}
            for one in findings
        ]
        OUT.print_json(json.dumps(rows, ensure_ascii=False))
    else:
        for finding in findings:
            note(f"{finding.severity}: {finding.label or finding.focus}: {finding.message} <{finding.focus}>")
    warnings = sum(finding.severity == "Warning" for finding in findings)
    note(f"{len(violated)} violations, {warnings} warnings")
    if violated:
        raise typer.Exit(1)


def _query_text(argument: str) -> str:
    if argument == "-":
        return sys.stdin.read()
    path = Path(argument)
    try:
        if not path.is_file():
            return argument
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8", "save the query as UTF-8") from error
    except (OSError, ValueError):  # a query is too long for a path, or holds what none may
        return argument


def _print_solutions(rows: list[Row]) -> None:
    if not rows:
        note("no solutions")
        return
    table = Table(box=None)
    for name in rows[0]:
        table.add_column(escape(name), overflow="fold")
    for row in rows:
        table.add_row(*("" if term is None else _readable(term.value) for term in row.values()))
    OUT.print(table)
    note(f"{len(rows)} solutions")


def _readable(text: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if text.startswith(namespace):
            return escape(f"{prefix}:{text.removeprefix(namespace)}")
    return escape(text)
