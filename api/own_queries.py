"""The application's own queries, as files."""

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """Return a query by the name of its file.

    >>> query("counts").startswith("#")
    True
    """
    return files("civicgraph.api").joinpath(f"queries/{name}.rq").read_text(encoding="utf-8")
