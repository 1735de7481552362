"""The stored queries: the project's own files and those of a user's folder."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from civicgraph.api.tables.headers import HeaderError, StoredQuery


@cache
def stored_queries(folder: Path | None = None) -> Mapping[str, StoredQuery]:
    """Return the project's own queries and those of a user's folder, by name; the user's come first.

    Raises
    ------
    HeaderError
        The head of a file is at fault.
    """
    own = (item for item in files("civicgraph.api.queries").iterdir() if item.name.endswith(".rq"))
    texts = {item.name: item.read_text(encoding="utf-8") for item in own}
    if folder is not None:
        if not folder.is_dir():
            msg = f"{folder} is not a folder of queries"
            raise HeaderError(msg)
        texts |= {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.rq"))}
    return {name.removesuffix(".rq"): StoredQuery.read(name, texts[name]) for name in sorted(texts)}
