"""The Python interface: one data folder, opened for reading, and all that can be asked of it."""

from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from civicgraph.graph.edges.account import Account
from civicgraph.graph.edges.filters import FILTERS, Filters, day
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.measures.figure_columns import By
from civicgraph.graph.measures.figures import figures_of
from civicgraph.graph.snapshot.snapshot import DataFolder

if TYPE_CHECKING:
    import pandas as pd

    from civicgraph.graph.edges.to_networkx import Network
    from civicgraph.graph.exports.options import View

FileForm = Literal["gexf", "graphml"]


def open_folder(path: str | Path) -> "Data":
    """Open a data folder for reading; what is loaded meanwhile does not show until it is opened again.

    Parameters
    ----------
    path
        The folder that `civicgraph load` was given.

    Raises
    ------
    DataFolderError
        Nothing was loaded into it, or it is damaged.
    """
    return Data(DataFolder(Path(path)))


class Data:
    """What a data folder holds. Close it, or use it in a `with` statement.

    Filters are given by name, as on the command line: `service`, `place`, `buyer` and `supplier` (a name or a list of
    names), `start`, `end` and `as_of` (dates or ISO text), `basis`, `level`, `certainty`, `currency`, `minimum`,
    `plans`. See `civicgraph.graph.Filters`.

    Parameters
    ----------
    folder
        The folder.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._held = ExitStack()
        self._snapshot = self._held.enter_context(folder.open())
        self._table = self._snapshot.edges()
        self._held.callback(self._table.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the folder go."""
        self._held.close()

    @property
    def version(self) -> str:
        """The name of exactly this state of the data."""
        return self._snapshot.manifest.version

    def sparql(self, query: str) -> list[dict[str, str | None]]:
        """Return the solutions of a SELECT query over the established view, each value as text.

        Raises
        ------
        QueryError
            It is not SPARQL 1.1, or not a SELECT.
        """
        return [
            {name: None if term is None else term.value for name, term in row.items()}
            for row in self._snapshot.engine.select(query)
        ]

    def dataframe(self, query: str) -> "pd.DataFrame":
        """Return the solutions of a SELECT query as a DataFrame; pandas must be installed. Raises as `sparql` does."""
        import pandas as pd  # noqa: PLC0415 - it need not be installed

        return pd.DataFrame(self.sparql(query))

    def figures(self, by: By = "market", **filters: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - see the class
        """Return concentration figures of a scope as dictionaries, by market, supplier or buyer.

        Raises
        ------
        ScopeError
            A name is not in the data, or filters do not go together.
        """
        with self._table.scoped(_filters(filters).scope(self._table)) as found:
            return figures_of(self._table, found, by)

    def account(self, **filters: Any) -> Account:  # noqa: ANN401 - as above
        """Return what the figures of a scope rest on, and what is left out of them, by reason. Raises as `figures`."""
        with self._table.scoped(_filters(filters).scope(self._table)) as found:
            return found.account

    def network(self, **filters: Any) -> "Network":  # noqa: ANN401 - as above
        """Return a scope as a networkx MultiDiGraph, edges from buyer to supplier. Raises as `figures` does."""
        from civicgraph.graph.edges.to_networkx import network  # noqa: PLC0415 - networkx takes a while to import

        return network(self._table, _filters(filters).scope(self._table))

    def fails(self, supplier: str, on: date | None = None) -> list[dict[str, Any]]:
        """Return what is hit if a supplier fails on a day, as dictionaries. Raises as `figures` does."""
        from civicgraph.graph.measures.failure import failure_of  # noqa: PLC0415 - as above

        return list(failure_of(self._table, supplier, on)["hits"])

    def merge(self, a: str, b: str, **filters: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
        """Return what the merger of two suppliers does to each market they meet in. Raises as `figures` does."""
        from civicgraph.graph.measures.merger import merger_of  # noqa: PLC0415 - as above

        scope = _filters(filters).scope(self._table)
        return list(merger_of(self._snapshot.engine, self._table, scope, (a, b))["markets"])

    def export(self, path: str | Path, view: "View" = "network", **filters: Any) -> None:  # noqa: ANN401 - as above
        """Write a view for Gephi, as the ending of the file says: .gexf or .graphml. Raises as `figures` does."""
        from civicgraph.graph.exports.forms import graphml  # noqa: PLC0415 - as above
        from civicgraph.graph.exports.gexf import gexf  # noqa: PLC0415
        from civicgraph.graph.exports.views import draw  # noqa: PLC0415

        file = Path(path)
        form = file.suffix.removeprefix(".").lower()
        if form not in get_args(FileForm):
            msg = f"{file.name} ends in neither .gexf nor .graphml; name a file that does"
            raise ScopeError(msg)
        drawing = draw(view, self._table, self._snapshot.engine, _filters(filters).scope(self._table))
        with file.open("wb") as out:
            out.writelines(gexf(drawing) if form == "gexf" else graphml(drawing))


def _filters(given: dict[str, Any]) -> Filters:
    """Return filters as a person writes them in Python.

    Raises
    ------
    ScopeError
        One is not known, or a day is not a date.
    """
    known = {one.name: one for one in FILTERS.values()}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            msg = f"there is no filter {name!r}; there are: {', '.join(known)}"
            raise ScopeError(msg)
        if known[name].default == () and value is not None:
            values[name] = (value,) if isinstance(value, str) else tuple(value)
        elif name in ("start", "end", "as_of") and isinstance(value, str):
            values[name] = day(name, value)
        else:
            values[name] = value
    return Filters(**{name: value for name, value in values.items() if value is not None})
