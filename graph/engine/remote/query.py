"""What is asked of a server for a query that was asked of us: other names of graphs, a dataset, values, prefixes.

A version of the data lives in graphs of its own names. A query names `cg:plans`; the server is asked for
`cg:plans!token-2!`, in every place where the query has that IRI, and only there. The same is done to the data
when it is sent, and undone in the results: the renaming is one to one, so the meaning is kept.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self
from typing import Literal as OneOf
from urllib.parse import urljoin, urlsplit

from pyoxigraph import Literal, NamedNode

from civicgraph.graph.engine.errors import QueryError
from civicgraph.graph.engine.interface import Term
from civicgraph.graph.engine.remote.flags import flags
from civicgraph.graph.engine.remote.ordering import Order, order_apart
from civicgraph.graph.engine.tokens import Token, tokens, unescaped
from civicgraph.ontology.read import PREFIXES

QueryKind = OneOf["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]

_KINDS: Final[Mapping[str, QueryKind]] = {kind: kind for kind in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")}
_UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_CLAUSES: Final = ("SELECT", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "VALUES")
UNNAMED: Final = "urn:x-civicgraph:unnamed"
"""What the unnamed graph of the data is called among the graphs of a version."""
_LOCAL_ESCAPE: Final = re.compile(r"\\([_~.\-!$&'()*+,;=/?#@%])")


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs whose union is the default graph of a query, and those that it may name."""

    default: tuple[str, ...]
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a protocol says beside a query: its dataset, which takes the place of `FROM`, and the base of its IRIs."""

    default: Sequence[str] | None = None
    named: Sequence[str] | None = None
    base: str | None = None


_NOTHING: Final = Beside()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query as the server is to be asked: its kind, its text, and the dataset that goes with it.

    `before` is what goes before a dataset clause, and after the prologue; `after` is the rest; `order` is what is then
    to be done here, and `flags` are the columns that hold truth values which the server gives as numbers.
    """

    kind: QueryKind
    prologue: str
    before: str
    after: str
    dataset: Dataset
    order: Order | None = None
    flags: frozenset[str] = frozenset()

    def text(self, *, with_from: bool) -> str:
        """Return the query, with its dataset in it as `FROM` clauses or without."""
        if not with_from:
            return self.prologue + self.before + self.after
        clauses = [f"FROM <{graph}>" for graph in self.dataset.default]
        clauses += [f"FROM NAMED <{graph}>" for graph in self.dataset.named]
        return "\n".join([(self.prologue + self.before).rstrip(), *clauses, self.after])

    def counting(self) -> Self:
        """Return the query that counts the solutions of this one."""
        whole = f"WHERE {{\n{self.before}{self.after}\n}}"
        return replace(self, before="SELECT (COUNT(*) AS ?rows) ", after=whole)

    def page(self, offset: int, size: int) -> Self:
        """Return the query for some of the solutions of this one, which has an order of its own."""
        whole = f"WHERE {{\n{{ {self.before}{self.after}\n}} }} OFFSET {offset} LIMIT {size}"
        return replace(self, before="SELECT * ", after=whole, order=None)


@dataclass(frozen=True, slots=True)
class Naming:
    """How the graphs of a version are called on the server.

    `names` gives for each graph its name there. `default` are the graphs, by their own names, that make up the default
    graph; `nothing` is the name of a graph that is empty. `values` gives the names of what is no graph and goes by
    another name too: datatypes whose values the server would not give back as it was given them.
    """

    names: Mapping[str, str]
    default: tuple[str, ...]
    nothing: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def named(self) -> tuple[str, ...]:
        """The graphs that a query may name: all but the unnamed one."""
        return tuple(graph for graph in self.names if graph != UNNAMED)

    def there(self, value: Term) -> Term:
        """Return a term as it is called on the server."""
        if isinstance(value, NamedNode):
            return NamedNode(self.called(value.value))
        if value.language is None and value.datatype.value in self.values:
            return Literal(value.value, datatype=NamedNode(self.values[value.datatype.value]))
        return value

    def called(self, iri: str) -> str:
        """Return what an IRI is called on the server, mostly the same."""
        return self.names.get(iri) or self.values.get(iri, iri)

    def dataset(self, default: Sequence[str], named: Sequence[str]) -> Dataset:
        """Return a dataset of graphs that are called as queries call them; a graph that is not there is empty."""

        def called(graphs: Sequence[str]) -> tuple[str, ...]:
            found = [self.names[graph] for graph in dict.fromkeys(graphs) if graph in self.names]
            # Without any, a server would take its own default, or all that it holds.
            return tuple(found) or (self.nothing,)

        return Dataset(called(default), called(named))


def prepare(
    sparql: str,
    naming: Naming,
    bind: Mapping[str, Term] | None = None,
    beside: Beside = _NOTHING,
    *,
    orders: bool = True,
    keeps_booleans: bool = True,
) -> Prepared:
    """Return what to ask a server for a query.

    Parameters
    ----------
    sparql
        The query, with the project's prefixes known.
    naming
        How the version's graphs are called.
    bind
        Values of variables.
    beside
        The dataset; where neither part is given, what the query's `FROM` says, or else the version's own. Where one is,
        the other is empty unless given too.
    orders
        Whether the server orders texts right; if not, it is done here.
    keeps_booleans
        Whether it gives truth values as such; if not, those that the query computes are known by their columns.

    Raises
    ------
    QueryError
        The text is no query, or it asks another server.
    """
    found = list(tokens(sparql))
    kind, starts = _form(found)
    if any(token.is_word("SERVICE") for token in found):
        msg = "SERVICE is not answered here: no query may reach the network"
        raise QueryError(msg)
    prefixes, base = _prologue(found[:starts], beside.base or "")
    found, clauses = _without_from(found, prefixes, base)
    if beside.default is not None or beside.named is not None:
        dataset = naming.dataset(beside.default or (), beside.named or ())
    elif clauses is not None:
        dataset = naming.dataset(*clauses)
    else:
        dataset = naming.dataset(naming.default, naming.named)
    body = [_renamed(token, naming, prefixes, base) for token in found[starts:]]
    place = _dataset_place(body, kind)
    # A value may be a graph too: in the data it is called as the graph is.
    texts = _bound(body, {name: naming.there(value) for name, value in (bind or {}).items()})
    declared = {token.text for token in found[:starts] if token.kind == "name"}
    head = "".join(
        f"PREFIX {prefix}: <{namespace}>\n"
        for prefix, namespace in PREFIXES.items()
        if f"{prefix}:" not in declared and any(_prefix(token) == prefix for token in body)
    )
    prologue = "".join(token.text for token in found[:starts])
    if beside.base and any(token.kind == "iri" and not urlsplit(token.text[1:-1]).scheme for token in found):
        head = f"BASE {NamedNode(beside.base)}\n{head}"
    prologue, before, after = head + prologue, "".join(texts[:place]), "".join(texts[place:])
    order = None
    if kind == "SELECT" and not orders:
        after, order = order_apart(prologue, before, after)
    computed = frozenset() if keeps_booleans else flags(body)
    return Prepared(kind, prologue, before, after, dataset, order, computed)


def _form(found: list[Token]) -> tuple[QueryKind, int]:
    """Return the kind of a query, and where its prologue ends."""
    for at, token in enumerate(found):
        if token.is_word(*_KINDS):
            return _KINDS[unescaped(token.text).upper()], at
        if token.is_word(*_UPDATES):
            msg = "this is an update, and only queries are answered here"
            raise QueryError(msg)
        if token.kind == "word" and not token.is_word("PREFIX", "BASE"):
            break
    msg = "this is not a SPARQL 1.1 query: it has no SELECT, ASK, CONSTRUCT or DESCRIBE"
    raise QueryError(msg)


def _prologue(found: list[Token], base: str) -> tuple[dict[str, str], str]:
    """Return the prefixes that hold for a query, and its base, relative to one from outside."""
    prefixes = dict(PREFIXES)
    solid = [token for token in found if not token.is_blank]
    for at, token in enumerate(solid):
        if token.is_word("BASE") and at + 1 < len(solid):
            base = _resolved(solid[at + 1], {}, base) or base
        elif token.is_word("PREFIX") and at + 2 < len(solid):
            prefixes[unescaped(solid[at + 1].text).partition(":")[0]] = _resolved(solid[at + 2], {}, base) or ""
    return prefixes, base


def _resolved(token: Token, prefixes: Mapping[str, str], base: str) -> str | None:
    """Return the IRI that a token stands for, or None where it stands for none."""
    if token.kind == "iri":
        iri = unescaped(token.text[1:-1])
        return urljoin(base, iri) if base else iri
    if token.kind == "name":
        prefix, _, local = unescaped(token.text).partition(":")
        if prefix in prefixes:
            return prefixes[prefix] + _LOCAL_ESCAPE.sub(r"\1", local)
    return None


def _prefix(token: Token) -> str | None:
    return unescaped(token.text).partition(":")[0] if token.kind == "name" else None


def _renamed(token: Token, naming: Naming, prefixes: Mapping[str, str], base: str) -> Token:
    iri = _resolved(token, prefixes, base)
    if iri is None or (naming.called(iri) == iri and "\\" not in token.text):
        return token
    # Not every server reads the escapes that a name may hold, as in organisation\/serco.
    return Token("iri", f"<{naming.called(iri)}>")


def _without_from(
    found: list[Token], prefixes: Mapping[str, str], base: str
) -> tuple[list[Token], tuple[list[str], list[str]] | None]:
    """Return a query without its dataset clauses, and the graphs that these name; None where there are none."""
    kept: list[Token] = []
    default: list[str] = []
    named: list[str] = []
    into: list[str] | None = None
    said = False
    for token in found:
        if token.is_word("FROM"):
            into, said = default, True
        elif into is not None and token.is_word("NAMED"):
            into = named
        elif into is not None and not token.is_blank:
            iri = _resolved(token, prefixes, base)
            if iri is None:
                msg = f"this is not a SPARQL 1.1 query: FROM is followed by {token.text}, and not by an IRI"
                raise QueryError(msg)
            into.append(iri)
            into = None
        else:
            kept.append(token)
    return kept, (default, named) if said else None


def _dataset_place(body: list[Token], kind: QueryKind) -> int:
    """Return before which token of a query's body its dataset clauses stand."""
    depth = 0
    template = kind == "CONSTRUCT"
    for at, token in enumerate(body):
        if token.text in ("(", ")"):
            depth += 1 if token.text == "(" else -1
        if depth:
            continue
        if token.is_word("WHERE"):
            return at
        if token.text == "{":
            if not template:
                return at
            template = False
            return _after_group(body, at)
    # Only a DESCRIBE has no pattern; what may follow it orders or cuts the result.
    modifiers = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")
    return next((at for at, token in enumerate(body) if token.is_word(*modifiers)), len(body))


def _after_group(body: list[Token], opens: int) -> int:
    depth = 0
    for at in range(opens, len(body)):
        depth += {"{": 1, "}": -1}.get(body[at].text, 0)
        if depth == 0:
            return at + 1
    return len(body)


def _bound(body: list[Token], bind: Mapping[str, Term]) -> list[str]:
    """Return the texts of tokens with values in place of variables.

    Where a variable is projected it stays a column, with the value in it.
    """
    if not bind:
        return [token.text for token in body]
    texts: list[str] = []
    clause, depth, after_as = "", 0, False
    for token in _known_bound(body, bind):
        if token.is_word(*_CLAUSES):
            clause = unescaped(token.text).upper()
        elif token.text in ("{", "}"):
            clause = ""
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        name = unescaped(token.text)[1:] if token.kind == "variable" else ""
        if name not in bind:
            texts.append(token.text)
        elif after_as:
            msg = f"?{name} is given a value from outside and by the query too"
            raise QueryError(msg)
        else:
            texts.append(_value(name, bind[name], "" if depth else clause))
        after_as = token.is_word("AS") or (after_as and token.is_blank)
    return texts


def _value(name: str, value: Term, clause: str) -> str:
    if clause == "SELECT":
        return f"({value} AS ?{name})"
    return f"({value})" if clause in ("GROUP", "ORDER") else str(value)


def _known_bound(body: list[Token], bind: Mapping[str, Term]) -> list[Token]:
    """Return tokens with `BOUND(?x)` answered for each variable that is given a value: no value may stand in it."""
    solid = [at for at, token in enumerate(body) if not token.is_blank]
    replaced: dict[int, Token | None] = {}
    for call, opens, variable, closes in zip(solid, solid[1:], solid[2:], solid[3:], strict=False):
        if (
            body[call].is_word("BOUND")
            and (body[opens].text, body[closes].text) == ("(", ")")
            and unescaped(body[variable].text)[1:] in bind
        ):
            replaced.update({call: Token("word", "true"), opens: None, variable: None, closes: None})
    if not replaced:
        return body
    chosen = (replaced.get(at, token) for at, token in enumerate(body))
    return [token for token in chosen if token is not None]
