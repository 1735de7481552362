"""What a name means: the service type, the place or the organisation of the edge table that is called so."""

from collections.abc import Iterable, Mapping
from typing import Final

from civicgraph.graph.edges.scope import ScopeError, slug_of
from civicgraph.graph.edges.sql import sql
from civicgraph.graph.edges.table import EdgeTable, Rows
from civicgraph.graph.identity.names import normalise, read_name

_OFFERED: Final = 5
_ALIKE: Final = 50
"""How alike names must be to be offered for one another, 0 to 100."""


def find_thing(known: Mapping[str, str], name: str, what: str) -> str:
    """Return the IRI of a thing from its IRI, slug or label, in upper or lower case.

    Parameters
    ----------
    known
        What there is, by IRI and label.
    name
        What was asked for.
    what
        What it should be, for the message: `place`.

    Raises
    ------
    ScopeError
        Nothing has that name; the message offers the nearest names.
    """
    wanted = _folded(name)
    for iri, label in known.items():
        if wanted in _spellings(iri, label):
            return iri
    raise _nothing_called(known, name, what)


def find_party(table: EdgeTable, name: str, what: str) -> str:
    """Return the IRI of an organisation from its IRI, slug, label, other name or identifier, however it is written.

    Who supplies is preferred, then who buys; spelling counts before the normal name ("Ltd" for "Limited").

    Parameters
    ----------
    table
        The edge table.
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
    known: Rows = []
    # Most names are written as somebody's own is, which is found at once.
    for spelling in (wanted, None) if wanted else (None,):
        known = table.rows(sql("called_so"), {"wanted": spelling})
        for iri, label, _ in known:
            if wanted and wanted in _spellings(iri, label):
                return str(iri)
    normal = normalise(name)
    meant: dict[str, int | None] = {iri: role for iri, label, role in known if wanted and normalise(label) == normal}
    # A name that is nobody's own is not a ground to choose between two who both supply.
    if len(rivals := [iri for iri, role in meant.items() if role is not None]) > 1:
        msg = f"{len(rivals)} organisations go by {name!r}; name one: {', '.join(rivals[:_OFFERED])}"
        raise ScopeError(msg, name, rivals[:_OFFERED])
    if meant:
        return next(iter(meant))
    raise _nothing_called({iri: label for iri, label, _ in reversed(known)}, name, what)


def names_of(table: EdgeTable, wanted: Iterable[str]) -> dict[str, str]:
    """Return what organisations are called, by IRI; without those that nobody names."""
    query = """SELECT iri, coalesce(any_value(party.name), min(called.name)) FROM called FULL JOIN party USING (iri)
        WHERE list_contains($iris, iri) GROUP BY iri"""
    return dict(table.rows(query, {"iris": list(wanted)}))


def of_like_name(table: EdgeTable, iri: str, name: str) -> list[str]:
    """Return the names of other suppliers that begin as a name does: a group's often do, which is not proof of one.

    Parameters
    ----------
    table
        The edge table; whoever supplied at any time is looked at.
    iri, name
        The organisation that the others are not, and what it is called; its legal form does not count.
    """
    begun = f"{read_name(name).core} "
    query = (
        "SELECT name FROM party "
        "WHERE iri <> $iri AND party IN (SELECT supplier FROM edge WHERE guard IS NULL) ORDER BY name"
    )
    return [label for (label,) in table.rows(query, {"iri": iri}) if f"{_folded(label)} ".startswith(begun)]


def _nothing_called(known: Mapping[str, str], name: str, what: str) -> ScopeError:
    # Each by its label and by its slug, and offered once, by its label.
    names = {label.casefold(): label for label in known.values()}
    names |= {slug_of(iri): label for iri, label in known.items() if slug_of(iri) not in names}
    nearest = nearest_names(names, name)
    advice = f"the nearest: {', '.join(nearest)}" if nearest else "civicgraph query can list what there is"
    return ScopeError(f"no {what} is called {name!r}; {advice}", name, nearest)


def nearest_names(names: Mapping[str, str], name: str) -> list[str]:
    """Return the names that are nearest to one that nothing has: those that it is part of first, then the alike.

    Parameters
    ----------
    names
        What there is, by how it may be written, in lower case.
    name
        What was asked for.
    """
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only a name that nothing has needs it

    wanted = _folded(name)
    if not wanted:
        return []
    # Who stops early, adds a word or gives one of many is near though the letters differ much.
    close = [label for folded, label in names.items() if f"{wanted} ".startswith(f"{folded} ")]
    close += [label for folded, label in names.items() if folded.startswith(wanted)]
    alike = process.extract(wanted, names.keys(), scorer=fuzz.ratio, limit=6, score_cutoff=_ALIKE)
    close += [names[match] for match, *_ in alike]
    close += [label for folded, label in names.items() if wanted in folded]
    return list(dict.fromkeys(close))[:_OFFERED]


def _spellings(iri: str, label: str) -> tuple[str, str, str]:
    return iri.casefold(), slug_of(iri).casefold(), _folded(label)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
