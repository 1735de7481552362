"""The graph, for Python: open a data folder, ask it, get figures, networks and files.

>>> sorted(__all__)[:4]
['Account', 'Data', 'DataFolderError', 'Filters']

What is named here stays; everything else in this package is internal and may change.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from civicgraph.graph.data import Data, open_folder
    from civicgraph.graph.edges.account import Account
    from civicgraph.graph.edges.filters import Filters
    from civicgraph.graph.edges.scope import Scope, ScopeError
    from civicgraph.graph.edges.sql import DataFolderError
    from civicgraph.graph.engine.errors import QueryError
    from civicgraph.graph.measures.graph_concentration import concentration

__all__ = [
    "Account",
    "Data",
    "DataFolderError",
    "Filters",
    "QueryError",
    "Scope",
    "ScopeError",
    "concentration",
    "open_folder",
]

_MODULES = {
    "Account": "edges.table",
    "Data": "data",
    "DataFolderError": "edges.sql",
    "Filters": "edges.filters",
    "QueryError": "engine.errors",
    "Scope": "edges.scope",
    "ScopeError": "edges.scope",
    "concentration": "measures.graph_concentration",
    "open_folder": "data",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds under that name
    """Return a public name. It is imported when it is asked for: all of them together take a second."""
    if name not in _MODULES:
        msg = f"civicgraph.graph has no {name!r}; public are: {', '.join(__all__)}"
        raise AttributeError(msg)
    return getattr(import_module(f"civicgraph.graph.{_MODULES[name]}"), name)
