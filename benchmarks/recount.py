"""Recounts what `civicgraph concentration --basis spend` says of files of payments, without any of its code.

A file is read by the csv module, and each payment given to its supplier by name, whatever its case, punctuation and
white space; HHI, the share of the largest four and the total are sums. Then the file is loaded into a folder of its
own, the command is asked, and the two are compared: within 1 %, or the difference is told row by row, first what the
product guards and why, then names that it takes for one.

    python benchmarks/recount.py [--civicgraph COMMAND] [--rows N] FILE...

Under each file stands, where the plain count differs, each reason with its rows and pounds, and its N largest rows (0
for all). Ends with 1 if a difference is left that no row explains.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, NamedTuple

SUPPLIER: Final = ("Beneficiary Name", "Supplier Name", "Supplier name", "Supplier", "Supplier ID(T)")
AMOUNT: Final = ("Net Amount", "Net amount", "Amount", "Total (excludes VAT)", "Invoiced Value")
NEAR: Final = 0.01


class Payment(NamedTuple):
    """A row: its number from 1, the supplier as written, and the amount."""

    row: int
    name: str
    amount: Decimal


class Figures(NamedTuple):
    """What is compared: HHI from 0 to 10,000, the share of the largest four, pounds."""

    hhi: float
    cr4: float
    total: float


class Told(NamedTuple):
    """What the product says of a row: the supplier it took it for, and why it does not count, or nothing."""

    supplier: str
    left_out: str
    counted: Decimal


def read(path: Path) -> Iterator[Payment]:
    """Yield the payments of a file, those without a number left out."""
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    table = csv.DictReader(text.splitlines())
    names = {(name or "").strip("\ufeffï»¿ ").strip(): name for name in table.fieldnames or ()}
    supplier, amount = (next(names[name] for name in known if name in names) for known in (SUPPLIER, AMOUNT))
    for number, cells in enumerate(table, start=1):
        written = re.sub(r"[£,\s]", "", cells[amount] or "")
        negative = written.startswith("(")
        try:
            value = Decimal(written.strip("()"))
        except InvalidOperation:
            continue
        yield Payment(number, " ".join((cells[supplier] or "").split()), -value if negative else value)


def figures(sums: Iterable[Decimal]) -> Figures:
    """Return the figures of what suppliers were paid."""
    paid = sorted((float(one) for one in sums), reverse=True)
    total = sum(paid)
    if not total:
        return Figures(0, 0, 0)
    return Figures(sum((one / total * 100) ** 2 for one in paid), sum(paid[:4]) / total, total)


def by_name(payments: Iterable[Payment]) -> dict[str, Decimal]:
    """Return what each name was paid, names apart by letters and figures only."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in payments:
        sums[re.sub(r"[^a-z0-9]+", "", one.name.lower())] += one.amount
    return sums


def ask(command: Sequence[str], folder: Path, path: Path) -> tuple[Figures, dict[int, Told]]:
    """Load a file, and return the figures that the product gives, and what it says of each row."""
    data = ["--data", str(folder)]
    subprocess.run([*command, "load", "spend", str(path), *data], check=True, capture_output=True)
    asked = [*command, "concentration", "--by", "market", "--basis", "spend", "--format", "json", *data]
    answer = subprocess.run(asked, check=True, capture_output=True, text=True)
    whole = json.loads(answer.stdout)[0]
    return Figures(whole["hhi"] or 0, whole["cr4"] or 0, whole["total"]), rows_of(folder)


def rows_of(folder: Path) -> dict[int, Told]:
    """Return what the edge table of a folder says of each row of its file."""
    import duckdb

    query = """
        SELECT file_row, any_value(p.name), any_value(e.guard), sum(d.amount_e4) / 10000
        FROM entry e LEFT JOIN edge d USING (entry) LEFT JOIN party p ON p.party = d.supplier GROUP BY file_row
    """
    with duckdb.connect(str(folder / "current" / "edges.duckdb"), read_only=True) as connection:
        found = connection.execute(query).fetchall()
    return {
        row: Told(name or "", guard or ("" if name else "no supplier"), Decimal(paid or 0))
        for row, name, guard, paid in found
    }


def explain(payments: Sequence[Payment], told: Mapping[int, Told], most: int) -> tuple[list[Payment], list[str]]:
    """Return the payments that count by the product's own reasons, and the difference in words, row by row."""
    lines, left = [], defaultdict(list)
    for one in payments:
        found = told.get(one.row)
        reason = "not loaded" if found is None else found.left_out
        left[reason].append(one)
    for reason, rows in sorted(left.items()):
        if not reason:
            continue
        lines.append(f"    {reason}: {len(rows):,} rows, {sum(one.amount for one in rows):,.2f}")
        largest = sorted(rows, key=lambda one: -abs(one.amount))[:most]
        lines += [f"      row {one.row}: {one.amount:,.2f} {one.name[:60]!r}" for one in largest]
    return left[""], lines


def joined(payments: Sequence[Payment], told: Mapping[int, Told], most: int) -> tuple[dict[str, Decimal], list[str]]:
    """Return what each supplier was paid as the product joins names, and the joins in words."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    names: dict[str, set[str]] = defaultdict(set)
    for one in payments:
        supplier = told[one.row].supplier
        sums[supplier] += one.amount
        names[supplier].add(re.sub(r"[^a-z0-9]+", "", one.name.lower()))
    several = [name for name in sorted(names, key=lambda name: -sums[name]) if len(names[name]) > 1]
    lines = [f"    {len(several):,} suppliers of several names"] if several else []
    return sums, lines + [
        f"      {sums[name]:,.2f} {name[:60]!r}: {', '.join(sorted(names[name]))[:120]}" for name in several[:most]
    ]


def is_near(one: Figures, other: Figures) -> bool:
    """Return whether all figures are within 1 % of one another."""
    return all(abs(a - b) <= NEAR * max(abs(a), abs(b)) for a, b in zip(one, other, strict=True))


def main() -> int:
    """Recount the files that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--civicgraph", default=str(Path(sys.executable).with_name("civicgraph")))
    parser.add_argument("--rows", type=int, default=5, help="how many rows of each reason are shown; 0 for all")
    options = parser.parse_args()
    options.rows = options.rows or sys.maxsize
    unexplained = 0
    for path in options.files:
        payments = list(read(path))
        with tempfile.TemporaryDirectory() as folder:
            product, told = ask([options.civicgraph], Path(folder) / "data", path)
        plain = figures(by_name(payments).values())
        counted, lines = explain(payments, told, options.rows)
        guarded = figures(by_name(counted).values())
        sums, joins = joined(counted, told, options.rows)
        resolved = figures(sums.values())
        verdict = next(
            (
                word
                for found, word in ((plain, "plain"), (guarded, "guards"), (resolved, "names"))
                if is_near(found, product)
            ),
            "UNEXPLAINED",
        )
        unexplained += verdict == "UNEXPLAINED"
        print(f"{path.name}: {len(payments):,} rows, {verdict}")
        for name, found in (
            ("product", product),
            ("plain", plain),
            ("less guarded", guarded),
            ("names joined", resolved),
        ):
            print(f"  {name:13} HHI {found.hhi:10.2f}  CR4 {found.cr4:7.2%}  total {found.total:17,.2f}")
        if verdict != "plain":
            print("\n".join([*lines, *joins]))
    print(f"{len(options.files)} files, {unexplained} unexplained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
