"""The application's own queries and words, as files."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pyoxigraph import NamedNode

from civicgraph.graph.engine.interface import Engine, Row


@cache
def query(name: str) -> str:
    """Return a query by the name of its file, without the remarks at its head.

    >>> query("as-of").splitlines()[0]
    'SELECT ?asOf'
    """
    text = files("civicgraph.api.pages").joinpath(f"queries/{name}.rq").read_text(encoding="utf-8")
    # The engine parses a query a second time, and slowly, where a word in it may ask for another data set or server.
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


@cache
def sql(name: str) -> str:
    """Return a query over the edge table by the name of its file."""
    return files("civicgraph.api.pages").joinpath(f"{name}.sql").read_text(encoding="utf-8")


@cache
def own_yaml(name: str) -> Any:  # noqa: ANN401 - what YAML holds
    """Return what a file of words or descriptions holds."""
    return yaml.load(files("civicgraph.api").joinpath(name).read_bytes(), Loader=yaml.CSafeLoader)


def about(engine: Engine, name: str, things: Iterable[str], view: str | None = None) -> Iterable[Row]:
    """Return what a query that stands in a file with ``VALUES ?thing {}`` answers about some things by their IRIs.

    Raises
    ------
    ValueError
        One of them is not an IRI: as a term it could not stand in the query, as text it might change it.
    """
    values = " ".join(str(NamedNode(thing)) for thing in sorted(set(things)))
    if not values:
        return []
    text = query(name).replace("VALUES ?thing {}", f"VALUES ?thing {{ {values} }}")
    return engine.select(text, None if view is None else [view])


@cache
def questions() -> Mapping[str, str]:
    """Return the questions that the query page offers to begin with: each query by what it asks.

    >>> next(iter(questions()))
    'Who depends on whom, for what, where?'
    """
    folder = files("civicgraph.api.pages").joinpath("queries/questions")
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.iterdir(), key=lambda path: path.name)]
    return {first.removeprefix("# "): query.strip() for first, _, query in (text.partition("\n") for text in texts)}
