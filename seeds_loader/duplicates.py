"""The same thing twice: a file that is loaded already, under another name or as a part of a larger one."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from civicgraph.seeds_loader.faults import SourceFileError

_FEWEST_ROWS: Final = 5
"""Rows of a month of which the same number and sum are not chance."""

_MOST_BUYERS: Final = 50
_INSIST: Final = "leave it out, or load it all the same with --again"


def payments_told(buyers: Iterable[str], months: Mapping[str, tuple[int, float]]) -> dict[str, Any]:
    """Return what tells a table of payments again: the first of those who pay; rows and pounds of each month."""
    return {"buyers": sorted(buyers)[:_MOST_BUYERS], "months": {key: [*told] for key, told in sorted(months.items())}}


def _same_months(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the months of which both have the same rows, as far as their number and sum tell."""
    mine, theirs = one.get("months", {}), other.get("months", {})
    if set(one.get("buyers", ())).isdisjoint(other.get("buyers", ())):
        return []
    same = [month for month, told in mine.items() if theirs.get(month) == told]
    if len(same) == len(mine) or len(same) == len(theirs):
        return same
    return [month for month in same if mine[month][0] >= _FEWEST_ROWS]


def refuse_duplicate(
    source_id: str,
    file: Path,
    content: Mapping[str, Any],
    loaded: Mapping[str, tuple[Mapping[str, Any], str | None]],
    *,
    named: bool,
) -> None:
    """Refuse a file that is loaded already under another id, or whose id is that of a file from another place.

    Parameters
    ----------
    source_id, file, content
        The file, and the source it would be.
    loaded
        What is loaded, by id: its content and where it came from.
    named
        Whether the id was given for this file: then it may replace another.

    Raises
    ------
    SourceFileError
        It is one.
    """
    for other, (known, path) in loaded.items():
        if other == source_id:
            moved = path is not None and path != str(file.resolve())
            if moved and known.get("sha256") != content["sha256"] and not named:
                remedy = "give it an id of its own with --source, or --again to take the place of the other"
                raise SourceFileError(file.name, None, f"the source {source_id} is loaded from {path}", remedy)
        elif known.get("sha256") == content["sha256"]:
            raise SourceFileError(file.name, None, f"the same bytes as the source {other} ({path})", _INSIST)
        elif same := _same_months(content, known):
            months = ", ".join(same[:3]) + (f" and {len(same) - 3} more" if len(same) > 3 else "")  # noqa: PLR2004
            reason = f"the same rows and pounds as the source {other} in {months}"
            raise SourceFileError(file.name, None, reason, _INSIST)
