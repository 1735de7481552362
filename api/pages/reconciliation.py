"""Which things are meant by the names in somebody's table: the Reconciliation Service API 0.2, apart from HTTP.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from typing import Final

import orjson
from starlette.exceptions import HTTPException

from civicgraph.api.name_search import LONGEST_QUERY, Hit, Names
from civicgraph.api.own_queries import own_yaml
from civicgraph.graph.identity.councils import council_key, is_one_council
from civicgraph.graph.identity.names import normalise
from civicgraph.ontology.read import class_labels
from civicgraph.ontology.terms import CG_NS

MOST_QUERIES: Final = 50
"""Queries of one batch; clients read it from the manifest."""

MOST_CANDIDATES: Final = 50
_CANDIDATES: Final = 5
_LEAST_COMPARED: Final = 20
"""So many are looked at before the best are taken: who else has the very same name must not be overlooked."""

_KINDS: Final = ("Organisation", "Person", "Place", "Platform", "Sector", "ServiceType")
_SPACE: Final = "https://w3id.org/civicgraph/"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One query of a batch: the text that names a thing, the kinds it may be of (none means all), how many to give."""

    text: str
    kinds: tuple[str, ...] = ()
    limit: int = _CANDIDATES


def manifest(server: str) -> dict[str, object]:
    """Return what the service is, for its clients.

    Parameters
    ----------
    server
        The address of the server, without a slash at its end.
    """
    found = orjson.dumps(own_yaml("pages/reconciliation.yaml")).replace(b"SERVER", server.encode())
    return {
        **orjson.loads(found),
        "serviceVersion": version("civicgraph"),
        "defaultTypes": types(),
        "batchSize": MOST_QUERIES,
    }


def types(prefix: str = "") -> list[dict[str, str]]:
    """Return the kinds of things whose label or IRI begins with a text.

    >>> [kind["name"] for kind in types("p")]
    ['person', 'place', 'platform']
    """
    begin = prefix.casefold()
    return [
        {"id": CG_NS + kind, "name": label}
        for kind, label in _labels().items()
        if label.casefold().startswith(begin) or (CG_NS + kind).casefold().startswith(begin)
    ]


def read_batch(text: str) -> dict[str, Wanted]:
    r"""Return the queries of a batch.

    Raises
    ------
    HTTPException
        It is not a batch (400), or too long a one (413).

    Examples
    --------
    >>> read_batch('{"q0": {"query": "Capita", "type": "Organisation", "limit": 3}}')
    {'q0': Wanted(text='Capita', kinds=('Organisation',), limit=3)}
    """
    try:
        batch = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"queries is not JSON: {error}") from error
    if not isinstance(batch, dict):
        raise HTTPException(400, 'queries is an object such as {"q0": {"query": "Capita"}}')
    if len(batch) > MOST_QUERIES:
        raise HTTPException(413, f"a batch may have {MOST_QUERIES} queries, and this one has {len(batch)}")
    return {key: _wanted(key, asked) for key, asked in batch.items()}


def candidates(names: Names, wanted: Wanted) -> list[dict[str, object]]:
    """Return the things that a query may mean, the likeliest first.

    One is a match where loading would take it for the same: its name, or another of its names, has the same normal
    name, or it is a council that is spelt otherwise ("LB Hackney"), and no other thing is so.
    """
    hits = _found(names, wanted)
    meant = normalise(wanted.text) if len(wanted.text) <= LONGEST_QUERY else None
    same = [hit for hit in hits if meant is not None and normalise(hit.name) == meant]
    if meant is not None and not same:
        same = [hit for hit in hits if hit.kind == "Organisation" and _is_council(meant, hit)]
    hits = [replace(hit, score=100.0) if hit in same else hit for hit in hits]
    hits.sort(key=lambda hit: -hit.score)
    only = wanted.text if _is_iri(wanted.text) else same[0].iri if len(same) == 1 else None
    return [
        {**entity(hit), "type": [_type(hit)], "score": hit.score, "match": hit.iri == only}
        for hit in hits[: wanted.limit]
    ]


def _is_council(meant: str, hit: Hit) -> bool:
    """Tell whether a normal name is that of a council that was found, by its label or by its place alone."""
    label, name = normalise(hit.label), normalise(hit.name)
    key = council_key(label)
    return key is not None and key[2] and (is_one_council(meant, label) or is_one_council(meant, name))


def suggestions(names: Names, prefix: str, skip: int) -> list[dict[str, object]]:
    """Return the things that a text may become the name of, some of them, after those that are skipped."""
    hits = _found(names, Wanted(prefix, limit=skip + _LEAST_COMPARED))
    return [{**entity(hit), "notable": [_type(hit)]} for hit in hits[skip : skip + _LEAST_COMPARED]]


def entity(hit: Hit) -> dict[str, object]:
    """Return a thing as the standard writes it; by which name it was found where that is not its label."""
    described = {} if hit.name == hit.label else {"description": f"also called {hit.name}"}
    return {"id": hit.iri, "name": hit.label, **described}


def _found(names: Names, wanted: Wanted) -> Sequence[Hit]:
    if _is_iri(wanted.text):
        hit = names.of(wanted.text)
        return [hit] if hit is not None and (not wanted.kinds or hit.kind in wanted.kinds) else []
    return names.find(wanted.text, max(wanted.limit, _LEAST_COMPARED), wanted.kinds)


def _is_iri(text: str) -> bool:
    return text.startswith(_SPACE)


def _type(hit: Hit) -> dict[str, str]:
    return {"id": CG_NS + hit.kind, "name": _labels()[hit.kind]}


@cache
def _labels() -> Mapping[str, str]:
    return {kind: class_labels()[CG_NS + kind] for kind in _KINDS}


def _wanted(key: str, asked: object) -> Wanted:
    if not isinstance(asked, dict):
        raise HTTPException(400, f"the query {key[:80]!r} is not an object")
    text, limit = asked.get("query", ""), asked.get("limit", _CANDIDATES)
    if not isinstance(text, str) or not (text or asked.get("properties")):
        raise HTTPException(400, f"the query {key[:80]!r} has no text to look for as its 'query'")
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1 or limit != int(limit):
        raise HTTPException(400, f"the limit of the query {key[:80]!r} is not a whole number from 1 on")
    return Wanted(text, _kinds(key, asked.get("type")), min(int(limit), MOST_CANDIDATES))


def _kinds(key: str, given: object) -> tuple[str, ...]:
    known = ", ".join(CG_NS + kind for kind in _KINDS)
    given = [] if given is None else [given] if isinstance(given, str) else given
    if not isinstance(given, list) or not all(isinstance(kind, str) for kind in given):
        raise HTTPException(400, f"the type of the query {key[:80]!r} is one of, or a list of: {known}")
    kinds = tuple(kind.removeprefix(CG_NS) for kind in given)
    for kind in kinds:
        if kind not in _KINDS:
            raise HTTPException(400, f"there is no type {kind[:80]!r}; there are: {known}")
    return kinds
