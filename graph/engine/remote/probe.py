"""What a server is and can do, found by asking it: servers differ where the standard leaves room, and where they err.

Each ability is found by a question whose answer is known. What cannot work at all is an error that says so; what can
be done another way is done that way.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self
from urllib.parse import urlencode

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolution, QuerySolutions, parse_query_results

from civicgraph.graph.engine.errors import QueryError, RemoteError, RemoteTimeoutError
from civicgraph.graph.engine.interface import Term
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.engine.remote.query import Dataset, Prepared, QueryKind

Form = Literal["form", "direct", "get"]
"""How a query is sent: as a form, as the body itself, or in the address."""
Way = Literal["parameters", "from"]
"""How a dataset is named: by the parameters of the protocol, or by `FROM` in the query."""

JSON: Final = "application/sparql-results+json"
TSV: Final = "text/tab-separated-values"
TRIPLES: Final = "application/n-triples"
SYNTAXES: Final = {JSON: QueryResultsFormat.JSON, TSV: QueryResultsFormat.TSV}

_FORMS: Final[tuple[Form, ...]] = ("form", "direct", "get")
_WAYS: Final[tuple[Way, ...]] = ("parameters", "from")
_TRUE: Final = '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
_ONE: Final = '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'
DURATION: Final = "http://www.w3.org/2001/XMLSchema#duration"
_YEARS: Final = f'"P13Y"^^<{DURATION}>'
_ROWS: Final = 10
_EXPONENTS: Final = (4, 5)
"""The probe asks for ten to the power of so many rows and one: usual limits are 1,000, 10,000 and 65,536."""
_SHORT: Final = 10.0
"""Seconds for an answer that needs no work."""
_LONG: Final = 4_000
"""Words of a long query: some servers take no more than 8 KB in an address."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What is known of a server.

    `server` is how it calls itself; `form` how it is asked; `dataset_by` how it is told a dataset; `results` the form
    it is asked for solutions in; `merges` whether a triple that two graphs hold counts once in the default graph made
    of both; `row_limit` the number of rows at which it cuts without a word; `keeps_booleans` whether it gives `true`
    back as it was given, `keeps_durations` the same of thirteen years. (Language tags are in small letters everywhere.)
    """

    server: str
    form: Form
    dataset_by: Way
    results: str
    merges: bool
    row_limit: int | None
    keeps_booleans: bool
    keeps_durations: bool

    @property
    def orders(self) -> bool:
        """Whether it orders long texts: known by its name, as a few rows do not show it."""
        return not self.server.startswith("Virtuoso")

    @classmethod
    def read(cls, text: str) -> Self:
        """Return abilities from the text that `text` made of them. Raises ValueError or TypeError where it is none."""
        raw: dict[str, Any] = json.loads(text)
        return cls(**raw)

    def text(self) -> str:
        """Return the abilities as they are kept."""
        return json.dumps(asdict(self), indent=1) + "\n"

    def request(self, url: str, asked: Prepared, accept: str) -> tuple[str, str, dict[str, str], bytes | None]:
        """Return method, address, header fields and body of the request that asks a query."""
        return _request(url, asked, accept, self.form, self.dataset_by)


def _request(
    url: str, asked: Prepared, accept: str, form: Form, way: Way
) -> tuple[str, str, dict[str, str], bytes | None]:
    text = asked.text(with_from=way == "from")
    fields: list[tuple[str, str]] = []
    if way == "parameters":
        fields += [("default-graph-uri", graph) for graph in asked.dataset.default]
        fields += [("named-graph-uri", graph) for graph in asked.dataset.named]
    headers = {"Accept": accept}
    if form == "form":
        body = urlencode([("query", text), *fields]).encode()
        return "POST", url, {**headers, "Content-Type": "application/x-www-form-urlencoded"}, body
    join = "&" if "?" in url else "?"
    if form == "direct":
        address = url + join + urlencode(fields) if fields else url
        return "POST", address, {**headers, "Content-Type": "application/sparql-query"}, text.encode()
    return "GET", url + join + urlencode([("query", text), *fields]), headers, None


class Asking:
    """Asks a server before anything is known of it but the form of request that it takes.

    Parameters
    ----------
    connection
        The server.
    form
        The form of request; if None, the first of the three that gets a long query answered.

    Raises
    ------
    RemoteError
        None of them does.
    """

    def __init__(self, connection: Connection, form: Form | None = None) -> None:
        self._connection = connection
        self.server = ""
        self.form = form or self._known_form()

    def ask(self, sparql: str, dataset: Dataset = Dataset((), ()), way: Way = "parameters") -> bool:  # noqa: B008 - frozen
        """Return the answer of an ASK query."""
        found, _ = self._answer(self.form, _asked("ASK", sparql, dataset), JSON, way)
        return _boolean(found)

    def terms(self, sparql: str, dataset: Dataset = Dataset((), ()), way: Way = "parameters") -> set[str]:  # noqa: B008
        """Return the terms of the first column of a SELECT query."""
        found, _ = self._answer(self.form, _asked("SELECT", sparql, dataset), JSON, way)
        return {str(solution[0]) for solution in _solutions(found, JSON)}

    def table(self, sparql: str) -> list[tuple[Term | None, ...]]:
        """Return the solutions of a SELECT query over whatever the server takes for its default."""
        found, _ = self._answer(self.form, _asked("SELECT", sparql), JSON, "parameters")
        return [tuple(solution) for solution in _solutions(found, JSON)]

    def rows(self, sparql: str, accept: str) -> tuple[list[str], bool]:
        """Return the solutions of a SELECT query as texts, and whether HTTP said where they end."""
        found, framed = self._answer(self.form, _asked("SELECT", sparql), accept, "parameters")
        return [str([*map(str, solution)]) for solution in _solutions(found, accept)], framed

    def count(self, sparql: str, accept: str) -> int:
        """Return how many solutions of a SELECT query arrive."""
        found, _ = self._answer(self.form, _asked("SELECT", sparql), accept, "parameters")
        return len(_solutions(found, accept))

    def _known_form(self) -> Form:
        asked = _asked("ASK", f"ASK {{ VALUES ?x {{ 1 }} }} # {'long ' * _LONG}")
        address = self._connection.address.query
        refused: list[str] = []
        for form in _FORMS:
            method, url, headers, body = _request(address, asked, JSON, form, "parameters")
            try:
                with self._connection.send(method, url, headers=headers, body=body, timeout=_SHORT) as answer:
                    content = answer.read()
                    if _boolean(content):
                        self.server = answer.headers.get("Server", "").strip() or "a server without a name"
                        return form
                    refused.append(f"{form}: it finds nothing where there is something")
            except (QueryError, NoResultsError, RemoteTimeoutError) as error:
                refused.append(f"{form}: {error}")
        what = f"{Connection.host(address)} answers no SPARQL query ({'; '.join(refused)[:400]})"
        raise RemoteError(what, "name the address that takes queries, often .../sparql or .../query")

    def _answer(self, form: Form, asked: Prepared, accept: str, way: Way) -> tuple[bytes, bool]:
        method, url, headers, body = _request(self._connection.address.query, asked, accept, form, way)
        with self._connection.send(method, url, headers=headers, body=body) as answer:
            return answer.read(), answer.has_length


class NoResultsError(ValueError):
    """An answer is none in the form that was asked for: a page for people, mostly."""


def probe(asking: Asking, graphs: tuple[str, str], thing: str) -> Abilities:
    """Return what a server can do.

    Parameters
    ----------
    asking
        The server.
    graphs
        Two graphs on it that hold the same one triple.
    thing
        The subject of that triple.

    Raises
    ------
    RemoteError
        The server cannot be reached, or is none that this program can work with.
    """
    way = _dataset_by(asking, graphs, thing)
    results = _results(asking)
    both = f"SELECT (COUNT(*) AS ?n) WHERE {{ <{thing}> ?p ?o }}"
    return Abilities(
        server=asking.server,
        form=asking.form,
        dataset_by=way,
        results=results,
        merges=asking.terms(both, Dataset(graphs, graphs), way) == {_ONE},
        row_limit=_row_limit(asking, results),
        keeps_booleans=asking.terms("SELECT ?x WHERE { VALUES ?x { true } }") == {_TRUE},
        keeps_durations=asking.terms(f"SELECT ?x WHERE {{ VALUES ?x {{ {_YEARS} }} }}") == {_YEARS},
    )


def _dataset_by(asking: Asking, graphs: tuple[str, str], thing: str) -> Way:
    """Return the way to name a dataset that the server minds: for what is there and what is not, and named graphs."""
    first, other = graphs
    there = f"ASK {{ <{thing}> ?p ?o }}"
    # One that is named outright some servers always look into; that is no harm, for nobody knows the names of others.
    named = f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ <{thing}> ?p ?o }} }}"
    for way in _WAYS:
        try:
            if (
                asking.ask(there, Dataset((first,), (first,)), way)
                and not asking.ask(there, Dataset((f"{first}-nothing",), (first,)), way)
                and asking.terms(named, Dataset((first,), (other,)), way) == {f"<{other}>"}
            ):
                return way
        except QueryError:
            continue
    raise RemoteError(
        f"{asking.server} minds neither the dataset of a request nor FROM and FROM NAMED in the query",
        "versions of the data cannot be told apart on it: use another engine, or its setting for datasets",
    )


def _results(asking: Asking) -> str:
    """Return the form of results to ask for: lines, which are short and fast, where the server writes them right."""
    values = (r'"é\t\"\n\\"', '"x"@en', '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>', "<http://e/a>", '"2"')
    rows = " ".join(f"({value} 1)" for value in (*values, "UNDEF"))
    sparql = f"SELECT ?x ?y WHERE {{ VALUES (?x ?y) {{ {rows} }} }}"
    try:
        in_json, _ = asking.rows(sparql, JSON)
        in_lines, framed = asking.rows(sparql, TSV)
    except (QueryError, RemoteError, NoResultsError):
        return JSON
    return TSV if framed and sorted(in_json) == sorted(in_lines) else JSON


def _row_limit(asking: Asking, results: str) -> int | None:
    """Return at how many rows the server cuts, or None where it gives all of many."""
    digits = " ".join(map(str, range(_ROWS)))
    for exponent in _EXPONENTS:
        values = " ".join(f"VALUES ?v{number} {{ {digits} }}" for number in range(exponent))
        found = asking.count(f"SELECT ?v0 WHERE {{ {{ {values} }} UNION {{ BIND (0 AS ?v0) }} }}", results)
        if found != _ROWS**exponent + 1:
            return found
    return None


def _asked(kind: QueryKind, sparql: str, dataset: Dataset = Dataset((), ())) -> Prepared:  # noqa: B008 - frozen
    before, brace, after = sparql.partition("WHERE" if "WHERE" in sparql else "{")
    return Prepared(kind, "", before, brace + after, dataset)


def truth(results: QuerySolutions | QueryBoolean) -> bool:
    """Return what the results of an ASK query say: some servers give them as a table with a 1, a 0 or nothing in it."""
    if isinstance(results, QueryBoolean):
        return bool(results)
    return any(getattr(value, "value", "0") not in ("0", "false") for solution in results for value in solution)


def _boolean(content: bytes) -> bool:
    try:
        return truth(parse_query_results(content, QueryResultsFormat.JSON))
    except (SyntaxError, ValueError) as error:
        raise NoResultsError("what it answers is no result of a query") from error


def _solutions(content: bytes, accept: str) -> list[QuerySolution]:
    try:
        found = parse_query_results(content, SYNTAXES[accept])
        if isinstance(found, QuerySolutions):
            return [*found]
    except (SyntaxError, ValueError) as error:
        raise NoResultsError("what it answers is no result of a query") from error
    raise NoResultsError("it answers with a result of another kind")
