"""query: what the graph says."""

import re
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from rich.markup import escape
from rich.table import Table

from civicgraph.api.commands.common import OUT, UsageError, existing, note, say_lines, terminal
from civicgraph.api.completing import queries as queries_begun
from civicgraph.api.name_search import Names
from civicgraph.api.queries.binding import bindings, joined, rows_of
from civicgraph.api.settings import Place
from civicgraph.api.tables.catalog import StoredQuery, stored_queries
from civicgraph.api.tables.flat import TableRow, TextFormat, table_text
from civicgraph.graph.edges.finding import nearest_names
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.engine.errors import QueryKindError
from civicgraph.graph.engine.interface import Engine, Query, ResultFormat, ResultKind, Row, Term
from civicgraph.ontology.read import PREFIXES

QueryFormat = Literal["table", "csv", "tsv", "json", "ndjson", "xml", "ttl"]

_SOLUTIONS: Final[dict[QueryFormat, ResultFormat]] = {"csv": "csv", "tsv": "tsv", "json": "json", "xml": "xml"}
_NAME: Final = re.compile(r"\w+(?:-\w+)*")
"""What may be the name of a stored query, and is not a query in SPARQL."""
_FLAT: Final[dict[QueryFormat, TextFormat]] = {"csv": "csv", "json": "json", "ndjson": "ndjson"}


def query(
    sparql: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|SPARQL|FILE|-",
            help="A stored query, a query, its file, or - for input.",
            autocompletion=queries_begun,
        ),
    ] = None,
    *,
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A parameter of the stored query; twice means either."),
    ] = None,
    form: Annotated[QueryFormat, typer.Option("--format", help="table prints solutions; ttl is for graphs.")] = "table",
    queries: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder of stored queries of your own.", file_okay=False)
    ] = None,
    as_list: Annotated[bool, typer.Option("--list", help="List the stored queries with their parameters.")] = False,
    place: Place,
) -> None:
    """Ask a stored query or a SPARQL query; the default graph is what is established."""
    known = stored_queries(queries)
    if as_list:
        say_lines(terminal()["queries"], known=known.values())
        return
    if sparql is None:
        raise UsageError("there is no query", "give one, or the name of one that civicgraph query --list shows")
    # The engine does not look at Python's signals while it works; nothing is written, so Ctrl-C may end us at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    stored = known.get(sparql)
    if stored is None and param:
        raise _unknown(sparql, known)
    with existing(place).open() as snapshot:
        if stored is None and _NAME.fullmatch(sparql) and not Path(sparql).exists():
            raise _unknown(sparql, known)
        if stored is None:
            _answer(snapshot.engine, _query_text(sparql), form)
        else:
            _answer_stored(snapshot.engine, stored, form, _given(param or []))


def _unknown(name: str, known: Mapping[str, StoredQuery]) -> UsageError:
    nearest = nearest_names({one: one for one in known}, name) or list(known)
    return UsageError(f"there is no stored query or file {name[:80]!r}", f"the nearest: {', '.join(nearest)}")


def _given(given: list[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--param {text} has no value", "write it as NAME=VALUE")
        found.setdefault(name, []).append(value)
    return found


def _answer_stored(engine: Engine, stored: StoredQuery, form: QueryFormat, given: Mapping[str, list[str]]) -> None:
    """Answer as the server does at /queries: flat, for whatever reads tables."""
    flat = _FLAT.get(form)
    if flat is None and form != "table":
        raise UsageError(f"a stored query is not {form}", f"name another with --format: table, {', '.join(_FLAT)}")
    try:
        wanted = bindings(stored, given, engine, lambda: Names(engine))
    except ScopeError as error:
        raise UsageError(str(error), f"civicgraph query --list shows what {stored.name} takes") from error
    if flat is None:
        _print_solutions([row for bind in wanted for row in engine.select(stored.text, bind=bind)])
        return

    def answer(bind: Mapping[str, Term]) -> tuple[Sequence[str], Iterator[TableRow]]:
        out = BytesIO()
        engine.write_answer(Query(stored.text, bind=bind), lambda _: out)
        return rows_of(out.getvalue())

    answers = [answer(bind) for bind in wanted]
    rows = joined(rows for _, rows in answers)
    sys.stdout.buffer.write(table_text(answers[0][0], rows, flat).encode())
    sys.stdout.buffer.flush()


def _answer(engine: Engine, text: str, form: QueryFormat) -> None:
    if form == "ndjson":
        raise UsageError("ndjson is for stored queries", "name another with --format")
    formats: dict[ResultKind, ResultFormat] = {
        "solutions": _SOLUTIONS.get(form, "turtle"),
        "boolean": "xml" if form == "xml" else "json",
        "graph": "turtle",
    }
    if form == "table":
        with suppress(QueryKindError):  # an answer of another kind has no table, and is written below
            _print_solutions(list(engine.select(text)))
            return
    out = sys.stdout.buffer
    engine.write_answer(Query(text, formats), lambda _: out)
    out.write(b"\n")
    out.flush()


def _query_text(argument: str) -> str:
    if argument == "-":
        return sys.stdin.read().removeprefix("\ufeff")
    path = Path(argument)
    try:
        if not path.is_file():
            return argument
        return path.read_text(encoding="utf-8-sig")
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
