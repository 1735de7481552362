"""A query as a server is asked it: its graphs by their names there, a dataset, values of variables, known prefixes.

A version of the data lives in graphs of its own names. A query names `cg:plans`; the server is asked for
`cg:plans!1a2b3c4d!`, in every place where the query has that IRI, and only there. The same is done to the data
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
from civicgraph.graph.engine.interface import Query, Term, named_dataset
from civicgraph.graph.engine.tokens import Token, fault_of, tokens, unescaped
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG

QueryKind = OneOf["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]

_KINDS: Final[Mapping[str, QueryKind]] = {kind: kind for kind in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")}
_CLAUSES: Final = ("SELECT", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "VALUES")
DURATION: Final = "http://www.w3.org/2001/XMLSchema#duration"
_LOCAL_ESCAPE: Final = re.compile(r"\\([_~.\-!$&'()*+,;=/?#@%])")


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs whose union is the default graph of a query, and those that it may name."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query as a server is to be asked it: its kind, its prologue and the rest, and the dataset that goes with it.

    Sort keys may be added between `body` and `after`; `is_ordered` says whether `body` ends with some of its own.
    """

    kind: QueryKind
    prologue: str
    body: str
    after: str = ""
    is_ordered: bool = False
    dataset: Dataset = field(default_factory=Dataset)

    @property
    def text(self) -> str:
        """The query."""
        return self.prologue + self.body + self.after

    def counting(self) -> Self:
        """Return the query that counts the solutions of this one."""
        return replace(self, body=f"SELECT (COUNT(*) AS ?rows) WHERE {{ {{ {self.body}{self.after}\n}} }}", after="")

    def page(self, names: Sequence[str], offset: int, size: int) -> Self:
        """Return the query for some of the solutions of this one, put in an order by all their variables.

        The order stands in a query inside that which cuts: Virtuoso sorts no more than 10,000 rows where both are one.
        """
        keys = "".join(f" ?{name}" for name in names)
        by = keys if self.is_ordered or not keys else f" ORDER BY{keys}"
        inner = f"{self.body}\n{by} {self.after}"
        return replace(self, body=f"SELECT * WHERE {{ {{ {inner}\n}} }}", after=f" OFFSET {offset} LIMIT {size}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A set of graphs on a server: which version of the data it holds whole.

    `sign` tells its graphs from all others there. `renamed` are the IRIs that have it at their end there: the graphs of
    the version, and datatypes whose values the server would not give back as it was given them. `row_limit` is the
    number of rows at which the server cuts a result without a word.
    """

    sign: str
    version: str = ""
    renamed: tuple[str, ...] = ()
    row_limit: int | None = None

    @property
    def marker(self) -> str:
        """What names end in: it begins with the lowest character of IRIs, so that they keep their order."""
        return f"!{self.sign}!"

    @property
    def graphs(self) -> tuple[str, ...]:
        """The graphs of the version; all have names, for a load puts what has no graph into the established view."""
        return tuple(iri for iri in self.renamed if iri != DURATION)

    @property
    def names(self) -> list[str]:
        """What the graphs are called on the server."""
        return [self.called(graph) for graph in self.graphs]

    def called(self, iri: str) -> str:
        """Return what an IRI is called on the server, mostly the same."""
        return iri + self.marker if iri in self.renamed else iri

    def there(self, value: Term) -> Term:
        """Return a term as it is called on the server."""
        if isinstance(value, NamedNode):
            return NamedNode(self.called(value.value))
        if value.language is None and value.datatype.value in self.renamed:
            return Literal(value.value, datatype=NamedNode(self.called(value.datatype.value)))
        return value

    def dataset(self, default: Sequence[str], named: Sequence[str]) -> Dataset:
        """Return a dataset of graphs that are called as queries call them; a graph that is not there is empty."""

        def called(graphs: Sequence[str]) -> tuple[str, ...]:
            found = [self.called(graph) for graph in dict.fromkeys(graphs) if graph in self.graphs]
            # Without any, a server would take its own default, or all that it holds.
            return tuple(found) or (f"urn:x-civicgraph:nothing{self.marker}",)

        return Dataset(called(default), called(named))


def prepare(query: Query, held: Slot) -> Prepared:
    """Return what to ask a server for a query, in which the project's prefixes are known.

    The dataset is what the request names; where it names no part of one, what the query's `FROM` says, or else the
    version's own.

    Raises
    ------
    QueryError
        The text is not a query, or it asks another server.
    """
    found = list(tokens(query.sparql))
    kind, starts = _form(query.sparql, found)
    if any(token.is_word("SERVICE") for token in found):
        msg = "SERVICE is not answered here: no query may reach the network"
        raise QueryError(msg)
    prefixes, base = _prologue(found[:starts], query.base or "")
    found, clauses = _without_from(found, prefixes, base)
    if named_dataset(query) is not None:
        dataset = held.dataset(query.default_graphs or (), query.named_graphs or ())
    else:
        dataset = held.dataset(*(((CG.established,), held.graphs) if clauses is None else clauses))
    body = [_renamed(token, held, prefixes, base) for token in found[starts:]]
    # A value may be a graph too: in the data it is called as the graph is.
    texts = _bound(body, {name: held.there(value) for name, value in query.bind.items()})
    prologue = _head(found, query.base) + "".join(token.text for token in found[:starts])
    at, is_ordered = _keys_place(body)
    return Prepared(kind, prologue, "".join(texts[:at]), "".join(texts[at:]), is_ordered, dataset)


def _form(sparql: str, found: list[Token]) -> tuple[QueryKind, int]:
    """Return the kind of a query, and where its prologue ends."""
    words = (at for at, token in enumerate(found) if token.kind == "word" and not token.is_word("PREFIX", "BASE"))
    first = next(words, None)
    kind = None if first is None else _KINDS.get(unescaped(found[first].text).upper())
    if first is None or kind is None:
        msg = f"this is not a SPARQL 1.1 query: {fault_of(sparql, '', PREFIXES)}"
        raise QueryError(msg)
    return kind, first


def _head(found: list[Token], base: str | None) -> str:
    """Return what goes before a query's own prologue: a base from outside, and those of our prefixes that it uses."""
    used = {unescaped(token.text).partition(":")[0] for token in found if token.kind == "name"}
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items() if prefix in used)
    if base and any(token.kind == "iri" and not urlsplit(token.text[1:-1]).scheme for token in found):
        return f"BASE {NamedNode(base)}\n{head}"
    return head


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


def _renamed(token: Token, held: Slot, prefixes: Mapping[str, str], base: str) -> Token:
    iri = _resolved(token, prefixes, base)
    if iri is None or (held.called(iri) == iri and "\\" not in token.text):
        return token
    # Not every server reads the escapes that a name may hold, as in organisation\/serco.
    return Token("iri", f"<{held.called(iri)}>")


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


def _keys_place(body: list[Token]) -> tuple[int, bool]:
    """Return before which token more sort keys may stand, and whether there are some already."""
    depth, is_ordered = 0, False
    for at, token in enumerate(body):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth == 0 and token.is_word("LIMIT", "OFFSET", "VALUES"):
            return at, is_ordered
        is_ordered = is_ordered or (depth == 0 and token.is_word("ORDER"))
    return len(body), is_ordered


def _bound(body: list[Token], bind: Mapping[str, Term]) -> list[str]:
    """Return the texts of tokens with values in place of variables.

    Where a variable is projected it stays a column, with the value in it.
    """
    texts: list[str] = []
    clause, depth = "", 0
    for token in body:
        if token.is_word(*_CLAUSES):
            clause = unescaped(token.text).upper()
        elif token.text in ("{", "}"):
            clause = ""
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        name = unescaped(token.text)[1:] if token.kind == "variable" else ""
        if name not in bind:
            texts.append(token.text)
        elif depth or clause not in ("SELECT", "GROUP", "ORDER"):
            texts.append(str(bind[name]))
        else:
            texts.append(f"({bind[name]} AS ?{name})" if clause == "SELECT" else f"({bind[name]})")
    return texts
