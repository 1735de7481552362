"""The same thing twice: a file that is loaded already, under another name or as a part of a larger one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from civicgraph.graph.snapshot.snapshot import LoadedSource
from civicgraph.seeds_loader.faults import SourceFileError

_FEWEST_ROWS: Final = 5
"""Rows of a month of which the same number and sum are not chance."""

_MOST_BUYERS: Final = 50
_INSIST: Final = "leave it out, or load it all the same with --again"


@dataclass(frozen=True, slots=True)
class Content:
    """What tells a file again.

    `sha256` is its digest; of payments, `buyers` are the first of those who pay, and `months` the rows and pounds of
    each month.
    """

    sha256: str = ""
    buyers: tuple[str, ...] = ()
    months: Mapping[str, tuple[int, float]] = field(default_factory=dict)

    @classmethod
    def of_payments(cls, sha256: str, buyers: set[str], months: Mapping[str, tuple[int, float]]) -> Self:
        """Return what tells a table of payments again."""
        return cls(sha256, tuple(sorted(buyers)[:_MOST_BUYERS]), dict(sorted(months.items())))

    @classmethod
    def kept_of(cls, source: LoadedSource) -> Self:
        """Return what was kept of a loaded source."""
        kept = source.report.get("content", {})
        months = {month: (int(rows), float(pounds)) for month, (rows, pounds) in kept.get("months", {}).items()}
        return cls(kept.get("sha256", ""), tuple(kept.get("buyers", ())), months)

    def as_json(self) -> dict[str, Any]:
        """Return it in the form that the manifest keeps."""
        return {"sha256": self.sha256, "buyers": list(self.buyers), "months": dict(self.months)}

    def same_months(self, other: "Content") -> list[str]:
        """Return the months of which both have the same rows, as far as their number and sum tell.

        >>> one = Content("a", ("x",), {"2024-01": (9, 5.0), "2024-02": (9, 6.0)})
        >>> one.same_months(Content("b", ("x",), {"2024-01": (9, 5.0), "2024-03": (9, 6.0)}))
        ['2024-01']
        """
        if set(self.buyers).isdisjoint(other.buyers):
            return []
        same = [month for month, told in self.months.items() if other.months.get(month) == told]
        if len(same) == len(self.months) or len(same) == len(other.months):
            return same
        return [month for month in same if self.months[month][0] >= _FEWEST_ROWS]


def refuse_duplicate(
    source_id: str, file: Path, content: Content, loaded: Mapping[str, tuple[Content, str | None]], *, named: bool
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
            if moved and known.sha256 != content.sha256 and not named:
                remedy = "give it an id of its own with --source, or --again to take the place of the other"
                raise SourceFileError(file.name, None, f"the source {source_id} is loaded from {path}", remedy)
        elif content.sha256 and known.sha256 == content.sha256:
            raise SourceFileError(file.name, None, f"the same bytes as the source {other} ({path})", _INSIST)
        elif same := content.same_months(known):
            months = ", ".join(same[:3]) + (f" and {len(same) - 3} more" if len(same) > 3 else "")  # noqa: PLR2004
            reason = f"the same rows and pounds as the source {other} in {months}"
            raise SourceFileError(file.name, None, reason, _INSIST)
