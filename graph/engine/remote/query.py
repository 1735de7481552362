"""A query as a server is asked it: its graphs by their names there, a dataset, values of variables, known prefixes.

A version of the data lives in graphs of its own names. A query names `cg:plans`; the server is asked for
`cg:plans!1a2b3c4d!`, in every place where the query has that IRI, and only there. The same is done to the data
when it is sent, and undone in the results: the renaming is one to one, so the meaning is kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Self
from typing import Literal as OneOf
from urllib.parse import urljoin, urlsplit

from pyoxigraph import Literal, NamedNode

from civicgraph.graph.engine.errors import QueryError
from civicgraph.graph.engine.interface import Query, Term, named_dataset
from civicgraph.graph.engine.tokens import Token, fault_of, tokens, undeclared, unescaped
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG

QueryKind = OneOf["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]

_KINDS: Final[Mapping[str, QueryKind]] = {kind: kind for kind in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")}
_CLAUSES: Final = ("SELECT", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "VALUES")
DURATION: Final = "http://www.w3.org/2001/XMLSchema#duration"
_LOCAL_ESCAPE: Final = re.compile(r"\\([_~.\-!$&'()*+,;=/?#@%])")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query as a server is to be asked it: its kind, its text, and its dataset.

    That is the graphs whose union is the default graph, and those that the query may name. `is_ordered` says whether it
    puts solutions in an order, of its own or of a part.
    """

    kind: QueryKind
    text: str
    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    is_ordered: bool = False

    def counting(self) -> Self:
        """Return the query that counts the solutions of this one."""
        return replace(self, text=f"SELECT (COUNT(*) AS ?rows) WHERE {{ {{ {self.text}\n}} }}")

    def page(self, names: Iterable[str], offset: int, size: int) -> Self:
        """Return the query for some of the solutions of this one, put in an order by all their variables.

        The order stands in a query inside that which cuts: Virtuoso sorts no more than 10,000 rows where both are one.
        """
        ordered = f"SELECT * WHERE {{ {{ {self.text}\n}} }} ORDER BY {' '.join(f'?{name}' for name in names)}"
        return replace(self, text=f"SELECT * WHERE {{ {{ {ordered} }} }} OFFSET {offset} LIMIT {size}")


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

    def graphs_there(self, graphs: Iterable[str]) -> tuple[str, ...]:
        """Return graphs of a dataset as they are called on the server; one that is not there is empty."""
        found = [self.called(graph) for graph in dict.fromkeys(graphs) if graph in self.graphs]
        # Without any, a server would take its own default, or all that it holds.
        return tuple(found) or (f"urn:x-civicgraph:nothing{self.marker}",)


def prepare(query: Query, held: Slot) -> Prepared:
    """Return what to ask a server for a query, in which the project's prefixes are known.

    The dataset is what the request names; where it names no part of one, what the query's `FROM` says, or else the
    version's own. All IRIs are written out, so that a prologue is not needed.

    Raises
    ------
    QueryError
        The text is not a query, or it asks another server.
    """
    found = tokens(query.sparql)
    names = _Names.read(found, query.base or "")
    kind = None if names.following is None else _KINDS.get(unescaped(names.following.text).upper())
    if names.following is None or kind is None:
        msg = f"this is not a SPARQL 1.1 query: {fault_of(query.sparql, '', PREFIXES)}"
        raise QueryError(msg)
    body, clauses = _without_from([names.following, *found], names)
    if any(token.is_word("SERVICE") for token in body):
        msg = "SERVICE is not answered here: no query may reach the network"
        raise QueryError(msg)
    graphs: tuple[Iterable[str], Iterable[str]] = clauses or ((CG.established,), held.graphs)
    if named_dataset(query) is not None:
        graphs = query.default_graphs or (), query.named_graphs or ()
    # A value may be a graph too: in the data it is called as the graph is.
    values = {name: held.there(value) for name, value in query.bind.items()}
    texts = _bound([names.written(token, held) for token in body], values)
    default, there = map(held.graphs_there, graphs)
    return Prepared(kind, "".join(texts), default, there, any(token.is_word("ORDER") for token in body))


@dataclass(frozen=True, slots=True)
class _Names:
    """What a query's prologue says of names: prefixes, the base of relative IRIs; and the token that follows it."""

    prefixes: Mapping[str, str]
    base: str
    following: Token | None

    @classmethod
    def read(cls, found: Iterator[Token], base: str) -> Self:
        """Take the prologue from the tokens of a query, which may have a base from outside."""
        names = cls(PREFIXES, base, None)
        solid = (token for token in found if not token.is_blank)
        for token in solid:
            if token.is_word("BASE"):
                names = replace(names, base=names.iri(next(solid, token)) or base)
            elif token.is_word("PREFIX"):
                prefix = unescaped(next(solid, token).text).partition(":")[0]
                names = replace(names, prefixes={**names.prefixes, prefix: names.iri(next(solid, token)) or ""})
            else:
                return replace(names, following=token)
        return names

    def iri(self, token: Token) -> str | None:
        """Return the IRI that a token stands for, or None where it stands for none."""
        if token.kind == "iri":
            iri = unescaped(token.text[1:-1])
            # An engine may take ?a<?b&&?c>?d for two comparisons.
            return iri if urlsplit(iri).scheme else urljoin(self.base, iri) if self.base and "?" not in iri else None
        prefix, _, local = unescaped(token.text).partition(":")
        if token.kind != "name" or prefix not in self.prefixes:
            return None
        return self.prefixes[prefix] + _LOCAL_ESCAPE.sub(r"\1", local)

    def written(self, token: Token, held: Slot) -> Token:
        """Return a token as a server is sent it."""
        iri = self.iri(token)
        if iri is not None:
            return Token("iri", f"<{held.called(iri)}>")
        if token.kind == "name":
            msg = f"this is not a SPARQL 1.1 query: {undeclared(token.text.partition(':')[0])}"
            raise QueryError(msg)
        return token


def _without_from(found: list[Token], names: _Names) -> tuple[list[Token], tuple[list[str], list[str]] | None]:
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
            iri = names.iri(token)
            if iri is None:
                msg = f"this is not a SPARQL 1.1 query: FROM is followed by {token.text}, and not by an IRI"
                raise QueryError(msg)
            into.append(iri)
            into = None
        else:
            kept.append(token)
    return kept, (default, named) if said else None


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
