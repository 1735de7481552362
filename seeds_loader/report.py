"""What became of each record: read = loaded + guarded + rejected, always."""

import csv
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import duckdb

from civicgraph.graph.records.rows import holds_contracts
from civicgraph.graph.records.types import CUT, Rejection

HELD: Final = 1_000
"""Rejections that are kept in memory; the others wait on disk until they are written out."""

_BEFORE: Final = ("rejected line", "rejected because", "to correct it")


class Changed(NamedTuple):
    """How many contracts are new, gone or changed, and the titles of the first of them."""

    contracts: int
    titles: tuple[str, ...] = ()


@dataclass(slots=True)
class LoadReport:
    """Counts of one load, and the records that could not be used.

    `rejections` holds the first of them, `rejected` counts them all by the field at fault. `warnings` are the
    first of the faults that cost no record, such as a date that is none, and `warned` counts them all by field.
    `pounds` is what the records come to: `loaded`, by guard, and `rejected`, as far as their amounts could be read.
    `changes` is how many contracts are new, gone and changed since the source was last loaded, where it was.
    `kinds` is how many of the loaded rows are of a kind, and what they come to: how their service type was told, in
    pounds; another currency, in that. `unquoted` is how many claims were not held against their words, for their
    article is not at hand. `headers` are those of a table whose rows are the records: what is rejected is then
    written as one, in `tables`.
    """

    read: int = 0
    guarded: Counter[str] = field(default_factory=Counter)
    rejections: list[Rejection] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    warnings: list[Rejection] = field(default_factory=list)
    warned: Counter[str] = field(default_factory=Counter)
    rejects_file: Path | None = None
    headers: tuple[str, ...] = ()
    tables: list[Path] = field(default_factory=list)
    pounds: dict[str, Decimal] = field(default_factory=dict)
    changes: dict[str, Changed] = field(default_factory=dict)
    kinds: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    unquoted: int = 0
    overflow: list[IO[str]] = field(default_factory=list, repr=False)

    @property
    def loaded(self) -> int:
        """How many records are in the graph and in the measures."""
        return self.read - self.guarded.total() - self.rejected.total()

    def reject(self, rejection: Rejection) -> None:
        """Count a record that could not be used, and keep it with its reason."""
        self.rejected[rejection.field] += 1
        if len(self.rejections) < HELD:
            self.rejections.append(rejection)
            return
        if not self.overflow:
            self.overflow.append(tempfile.TemporaryFile("w+", encoding="utf-8"))  # noqa: SIM115 - lives as the report
        self.overflow[0].write(_as_line(rejection))

    def take(self, fault: Rejection) -> None:
        """Reject a record, or keep a warning where only a field of it was lost."""
        if not fault.partial:
            self.reject(fault)
            return
        self.warned[fault.field] += 1
        if len(self.warnings) < HELD:
            self.warnings.append(fault)

    def add(self, other: "LoadReport") -> None:
        """Add another report's counts and faults to this one."""
        self.read += other.read
        self.guarded += other.guarded
        self.unquoted += other.unquoted
        self.rejected += other.rejected
        self.rejections += other.rejections
        self.warnings += other.warnings
        self.warned += other.warned
        self.tables += other.tables
        self.add_pounds(other.pounds)
        for what, (count, titles) in other.changes.items():
            before = self.changes.get(what, Changed(0))
            self.changes[what] = Changed(before.contracts + count, before.titles + titles)
        for kind, (rows, amount) in other.kinds.items():
            known = self.kinds.get(kind, (0, Decimal(0)))
            self.kinds[kind] = known[0] + rows, known[1] + amount
        self.overflow += other.overflow

    def add_pounds(self, pounds: Mapping[str, Decimal]) -> None:
        """Add what records come to, by what became of them."""
        for what, amount in pounds.items():
            self.pounds[what] = self.pounds.get(what, Decimal(0)) + amount

    def add_transfers(self, transferred: Iterable[tuple[str, int, Decimal]]) -> None:
        """Note payments between public bodies that were told only once it was known who is who.

        Parameters
        ----------
        transferred
            All payments between public bodies by guard: how many, and what they come to in pounds.
        """
        for guard, rows, amount in transferred:
            if (more := rows - self.guarded[guard]) > 0:
                pounds = amount - self.pounds.get(guard, Decimal(0))
                self.kinds[f"guarded as {guard} once it is known who is who"] = more, pounds

    def told(self) -> Iterator[str]:
        """Yield for people what was loaded, guarded and rejected, each with its rows and, where known, its pounds.

        >>> report = LoadReport(
        ...     read=3, guarded=Counter(refund=1), pounds={"loaded": Decimal(10), "refund": Decimal(-4)}
        ... )
        >>> list(report.told())
        ['loaded: 2, £10.00', 'guarded as refund: 1, -£4.00']
        """
        if self.guarded or self.rejected or self.pounds:
            yield f"loaded: {self.loaded:,}{self._pounds('loaded')}"
        for kind, (rows, amount) in sorted(self.kinds.items()):
            yield f"of these {kind}: {rows:,}, {f'{amount:,.2f}' if kind.startswith('in ') else _pounds(amount)}"
        for reason, count in self.guarded.most_common():
            yield f"guarded as {reason}: {count:,}{self._pounds(reason)}"
        for name, count in self.rejected.most_common():
            # Of rows without an amount nothing is known, and a day is looked for last.
            yield f"rejected for {name}: {count:,}{self._pounds('rejected') if name == 'date' else ''}"
        if self.unquoted:
            claims = "1 claim" if self.unquoted == 1 else f"{self.unquoted:,} claims"
            remedy = "make the articles available by `civicgraph documents DIR`, and load again"
            yield f"not held against its words, whose article is not at hand: {claims}; {remedy}"
        for what, (count, titles) in self.changes.items():
            more = ", ..." if count > len(titles) else ""
            named = f" ({'; '.join(titles)}{more})" if titles else ""
            yield f"{what} since it was last loaded: {count:,} {'contract' if count == 1 else 'contracts'}{named}"

    def _pounds(self, what: str) -> str:
        amount = self.pounds.get(what)
        return "" if amount is None else f", {_pounds(amount)}"

    def as_json(self) -> dict[str, Any]:
        """Return the report in the form that `--report` writes and `civicgraph sources` shows again."""
        return {
            "read": self.read,
            "loaded": self.loaded,
            "guarded": dict(sorted(self.guarded.items())),
            "rejected": dict(sorted(self.rejected.items())),
            "warned": dict(sorted(self.warned.items())),
            "pounds": {what: float(amount) for what, amount in sorted(self.pounds.items())},
            "kinds": {kind: rows for kind, (rows, _amount) in sorted(self.kinds.items())},
            "rejects_file": None if self.rejects_file is None else str(self.rejects_file),
            "changes": {what: one.contracts for what, one in self.changes.items()},
        }

    def write_rejects(self, path: Path) -> None:
        """Write every rejected record to a file, a JSON object a line, with its place and reason.

        Nothing is written, and an older file is removed, where nothing was rejected.
        """
        if not self.rejections:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            file.writelines(map(_as_line, self.rejections))
            for others in self.overflow:
                others.seek(0)
                shutil.copyfileobj(others, file)
                others.close()
        self.rejects_file = path

    def write_table(self, path: Path) -> None:
        """Write the rejected rows of a table as a table with its headers, to be corrected and loaded again.

        What was wrong stands before each row. A row too long to be kept whole is left out: the other file tells its
        place. Nothing is written, and an older file is removed, where no row is left.
        """
        if not self.headers:
            return
        path.unlink(missing_ok=True)
        rows = (fault for fault in self._all_rejected() if fault.record and not fault.record.endswith(CUT))
        if (first := next(rows, None)) is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="")
            writer.writerow((*_BEFORE, *self.headers))
            for fault in chain([first], rows):
                file.write("\n")
                writer.writerow((fault.line, f"{fault.field}: {fault.reason}", fault.remedy))
                file.write(f",{fault.record}")
            file.write("\n")
        self.tables.append(path)

    def _all_rejected(self) -> Iterator[Rejection]:
        yield from self.rejections
        for others in self.overflow:
            others.seek(0)
            yield from (Rejection(**json.loads(line)) for line in others)


def changes(before: Path | None, after: Path | None) -> dict[str, Changed]:
    """Return what is `new`, `gone` and `changed`; nothing where one of the two is not a source of contracts.

    Parameters
    ----------
    before, after
        The rows of the source as it was and as it is; see `civicgraph.graph.records.rows`. A contract has changed where
        its parties, days, value, services, title, references or guard have.
    """
    if before is None or after is None or not (holds_contracts(before) and holds_contracts(after)):
        return {}
    with duckdb.connect(config={"memory_limit": "500MB"}) as connection:
        macro, query = duckdb.extract_statements(files(__package__).joinpath("changes.sql").read_text(encoding="utf-8"))
        connection.execute(macro)
        found = connection.execute(query, {"after": str(after), "before": str(before)}).fetchall()
    counted = {what: Changed(count, tuple(titles)) for what, count, titles in found}
    return {what: counted.get(what, Changed(0)) for what in ("new", "gone", "changed")}


def total(reports: Iterable[LoadReport]) -> LoadReport:
    """Return one report over several.

    >>> total([LoadReport(read=2), LoadReport(read=3)]).loaded
    5
    """
    whole = LoadReport()
    for report in reports:
        whole.add(report)
    return whole


def _as_line(rejection: Rejection) -> str:
    return json.dumps(asdict(rejection), ensure_ascii=False) + "\n"


def _pounds(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else ''}£{abs(amount):,.2f}"
