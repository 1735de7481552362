"""What became of each record: read = loaded + guarded + rejected, always."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from civicgraph.graph.records import Rejection


@dataclass(slots=True)
class LoadReport:
    """Counts of one load, and the records that could not be used.

    `warnings` name faults that cost no record: a document at hand that is another version, say.
    """

    read: int = 0
    guarded: Counter[str] = field(default_factory=Counter)
    rejections: list[Rejection] = field(default_factory=list)
    warnings: list[Rejection] = field(default_factory=list)
    rejects_file: Path | None = None

    @property
    def loaded(self) -> int:
        """How many records are in the graph and in the measures."""
        return self.read - self.guarded.total() - len(self.rejections)

    @property
    def rejected(self) -> dict[str, int]:
        """How many records were rejected, by the field at fault."""
        return dict(sorted(Counter(rejection.field for rejection in self.rejections).items()))

    def add(self, other: "LoadReport") -> None:
        """Add another report's counts and faults to this one."""
        self.read += other.read
        self.guarded += other.guarded
        self.rejections += other.rejections
        self.warnings += other.warnings

    def as_json(self) -> dict[str, Any]:
        """Return the report in the form that `--report` writes and `civicgraph sources` shows again."""
        return {
            "read": self.read,
            "loaded": self.loaded,
            "guarded": dict(sorted(self.guarded.items())),
            "rejected": self.rejected,
            "rejects_file": None if self.rejects_file is None else str(self.rejects_file),
        }

    def write_rejects(self, path: Path) -> None:
        """Write every rejected record to a file, a JSON object a line, with its place and reason.

        Nothing is written, and an older file is removed, where nothing was rejected.
        """
        if not self.rejections:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(_as_row(rejection), ensure_ascii=False) + "\n" for rejection in self.rejections)
        path.write_text("".join(lines), encoding="utf-8")
        self.rejects_file = path


def total(reports: Iterable[LoadReport]) -> LoadReport:
    """Return one report over several.

    >>> total([LoadReport(read=2), LoadReport(read=3)]).loaded
    5
    """
    whole = LoadReport()
    for report in reports:
        whole.add(report)
    return whole


def _as_row(rejection: Rejection) -> Mapping[str, str | int]:
    return {
        "file": rejection.file,
        "line": rejection.line,
        "field": rejection.field,
        "reason": rejection.reason,
        "remedy": rejection.remedy,
        "record": rejection.record,
    }
