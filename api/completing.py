"""What the shell completes: service types, places and organisations of the data folder, and stored queries."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import typer

from civicgraph.api.settings import DEFAULT_DATA

_MOST: Final = 50
_NAMED: Final = {
    "service": "SELECT DISTINCT name FROM thing WHERE NOT is_place",
    "place": "SELECT DISTINCT name FROM thing WHERE is_place",
    "buyer": "SELECT DISTINCT name FROM party WHERE party IN (SELECT buyer FROM edge)",
    "supplier": "SELECT DISTINCT name FROM party WHERE party IN (SELECT supplier FROM edge)",
}


def services(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the service types that begin so."""
    return list(_begun(ctx, "service", incomplete))


def places(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the places that begin so."""
    return list(_begun(ctx, "place", incomplete))


def buyers(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the buyers that begin so."""
    return list(_begun(ctx, "buyer", incomplete))


def suppliers(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the suppliers that begin so."""
    return list(_begun(ctx, "supplier", incomplete))


def queries(incomplete: str) -> list[str]:
    """Return the stored queries that begin so."""
    from civicgraph.api.queries.stored import stored_queries  # noqa: PLC0415 - who runs a command completes nothing

    return [name for name in stored_queries() if name.startswith(incomplete)]


def _begun(ctx: typer.Context, what: str, incomplete: str) -> Iterator[str]:
    from civicgraph.graph.snapshot.snapshot import DataFolder, DataFolderError  # noqa: PLC0415 - as above

    data = ctx.find_root().params.get("data") or ctx.params.get("data") or DEFAULT_DATA
    folder = DataFolder(Path(data))
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
