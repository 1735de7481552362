"""Which organisation a name means: by IRI or slug, then by all that it is called, then by the normal name."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from civicgraph.graph.edges.scope import ScopeError, nothing_called, slug_of
from civicgraph.graph.edges.surroundings import rows, text
from civicgraph.graph.edges.ties.arrays import Ties
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.identity.names import normalise, read_name

_OFFERED: Final = 3


def find_party(engine: Engine, ties: Ties, name: str, what: str) -> str:
    """Return the IRI of an organisation from its IRI, slug, label, other name or identifier, however it is written.

    Who supplies is preferred, then who buys; spelling counts before the normal name ("Ltd" for "Limited"). The names of
    those without ties are only read where none with ties is called so.

    Parameters
    ----------
    engine, ties
        A snapshot, and its ties.
    name
        What was asked for.
    what
        What they are, for the message: `supplier`.

    Raises
    ------
    ScopeError
        Nobody is called so, and the message offers the nearest names; or several are, and it names them.
    """
    wanted = _folded(name)
    tied = list(_tied(ties))
    exact = next((iri for iri, label in tied if wanted in _spellings(iri, label)), None)
    if exact is not None:
        return exact
    known = [(text(row, "thing"), text(row, "name")) for row in rows(engine, "organisation-names")]
    order = {iri: place for place, (iri, _) in enumerate(tied)}
    meant = {iri for iri, label in known if wanted in _spellings(iri, label)}
    if not meant and wanted:
        normal = normalise(name)
        meant = {iri for iri, label in (*tied, *known) if normalise(label) == normal}
        # A name that is nobody's own is no ground to choose between two who both supply.
        if len(rivals := sorted(meant & order.keys(), key=order.__getitem__)) > 1:
            msg = f"{len(rivals)} organisations go by {name!r}; name one: {', '.join(rivals[:_OFFERED])}"
            raise ScopeError(msg)
    if meant:
        return min(meant, key=lambda iri: (order.get(iri, len(order)), iri))
    raise nothing_called(dict((*known, *tied)), name, what)


def names_of(engine: Engine, ties: Ties, wanted: Iterable[str]) -> dict[str, str]:
    """Return what organisations are called, by IRI; without those that nobody names."""
    asked = set(wanted)
    found = {iri: label for iri, label in zip(ties.parties.iris, ties.parties.names, strict=True) if iri in asked}
    if asked - found.keys():
        labels = {text(row, "thing"): text(row, "label") for row in rows(engine, "organisation-names")}
        found |= {iri: labels[iri] for iri in (asked - found.keys()) & labels.keys()}
    return found


def of_like_name(ties: Ties, iri: str, name: str) -> list[str]:
    """Return the names of other suppliers that begin as a name does: a group's often do, which is no proof of one.

    Parameters
    ----------
    ties
        As a snapshot keeps them; whoever supplied at any time is looked at.
    iri, name
        The organisation that the others are not, and what it is called; its legal form does not count.
    """
    begun = f"{read_name(name).core} "
    suppliers = np.unique(ties.supplier[(ties.supplier >= 0) & (ties.guard < 0)]).tolist()
    others = (ties.parties.names[code] for code in suppliers if ties.parties.iris[code] != iri)
    return sorted(label for label in others if f"{_folded(label)} ".startswith(begun))


def _tied(ties: Ties) -> Iterator[tuple[str, str]]:
    """Yield everybody who has ties by IRI and name, those that supply first."""
    iris, names = list(ties.parties.iris), list(ties.parties.names)
    seen = np.zeros(len(iris), dtype=np.bool_)
    for side in (ties.supplier, ties.buyer):
        codes = np.unique(side[side >= 0])
        yield from ((iris[code], names[code]) for code in codes[~seen[codes]].tolist())
        seen[codes] = True


def _spellings(iri: str, label: str) -> tuple[str, str, str]:
    return iri.casefold(), slug_of(iri).casefold(), _folded(label)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
