"""What the shell completes: service types, places and organisations of the data folder, and stored queries."""

from collections.abc import Callable, Iterator
from typing import Final

import typer

from civicgraph.api.settings import Folder
from civicgraph.graph.edges.scope import MARKS

_MOST: Final = 50
_NAMED: Final = {
    "service": "SELECT DISTINCT name FROM thing WHERE NOT is_place",
    "place": "SELECT DISTINCT name FROM thing WHERE is_place",
    "buyer": "SELECT DISTINCT name FROM party WHERE party IN (SELECT buyer FROM edge)",
    "supplier": "SELECT DISTINCT name FROM party WHERE party IN (SELECT supplier FROM edge)",
    **{column: f"SELECT DISTINCT {column} AS name FROM mark WHERE name IS NOT NULL" for column in MARKS.values()},  # noqa: S608 - own names
}


def names_of(what: str) -> Callable[[typer.Context, str], list[str]] | None:
    """Return what completes the names of a filter, such as `supplier`; None where there is nothing to choose from."""
    return (lambda ctx, incomplete: list(_begun(ctx, what, incomplete))) if what in _NAMED else None


def queries(incomplete: str) -> list[str]:
    """Return the stored queries that begin so."""
    from civicgraph.api.tables.catalog import stored_queries  # noqa: PLC0415 - who runs a command completes nothing

    return [name for name in stored_queries() if name.startswith(incomplete)]


def _begun(ctx: typer.Context, what: str, incomplete: str) -> Iterator[str]:
    from civicgraph.graph.snapshot.snapshot import DataFolder, DataFolderError  # noqa: PLC0415 - as above

    folder = DataFolder(Folder(ctx.params.get("data") or ctx.find_root().params.get("data")).path)
    try:
        if folder.manifest() is None:
            return
        with folder.edges() as table:
            query = f"FROM ({_NAMED[what]}) WHERE starts_with(lower(name), lower($begun)) ORDER BY name LIMIT $most"
            # What was typed stays as it was: a shell takes nothing that begins otherwise, and case does not matter.
            for (name,) in table.rows(query, {"begun": incomplete, "most": _MOST}):
                yield incomplete + name[len(incomplete) :]
    except DataFolderError:
        return  # the command itself says what is wrong with it
