"""What pages worked out of a snapshot's edge table lately: who sorts, searches or turns a table asks for the same."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from civicgraph.api.own_queries import sql
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable

_S = TypeVar("_S", bound=Sequence[Any])

_MOST: Final = 200
"""How many answers are kept for one snapshot."""
_RECENT: Final[WeakKeyDictionary[EdgeTable, dict[Hashable, Any]]] = WeakKeyDictionary()


def recent(table: EdgeTable, key: Hashable, work_out: Callable[[], _S]) -> _S:
    """Return the lines of a key, worked out unless they were lately.

    Parameters
    ----------
    table
        The edge table that they follow from: with another one they are others.
    key
        What they are, with all that they depend on.
    work_out
        Makes them; nobody may change them afterwards.
    """
    kept = _RECENT.setdefault(table, {})
    found: _S | None = kept.get(key)  # a key stands for lines of one type
    if found is None:
        if len(kept) >= _MOST:
            kept.clear()
        found = kept[key] = work_out()
    return found


def records_in(table: EdgeTable, scope: Scope, name: str, **asked: Hashable) -> Sequence[Mapping[str, Any]]:
    """Return the rows that one of the pages' own SQL files answers over a scope, by the names of its columns.

    Parameters
    ----------
    table, scope
        The edge table, and what of it the file reads as `cells_in_scope`.
    name
        The file.
    asked
        Its parameters.
    """

    def work_out() -> list[Mapping[str, Any]]:
        with table.selected(scope, sql(name), {"money": None, **asked}) as found:
            return list(found.records("SELECT * FROM selected"))

    return recent(table, (name, scope, *asked.items()), work_out)
