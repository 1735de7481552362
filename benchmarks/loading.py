"""How fast records load, end to end, and how much memory that takes.

Contracts: the command `civicgraph load ocds` (parse, resolve, map, guard, load, derive) over made releases, against
`oxigraph load` of the very quads that came of them, ready-made as N-Quads: both as whole processes, in one run.
Real tables: the same for all of `council_spend` and the sales of G-Cloud.
Payments: `civicgraph load spend` over a table of real rows repeated with other keys, against DuckDB that reads the same
file and adds it up by buyer, supplier and month. Both tables are made anew from a seed, in a folder that goes at the
end. Run: python benchmarks/loading.py [--contracts N | --rows N | --real] [DATA]
"""

import argparse
import csv
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from commands import BIN, run
from pyoxigraph import RdfFormat

from civicgraph.graph.snapshot.snapshot import DataFolder

GROUPED: Final = """
import sys
import duckdb
duckdb.sql(f'''COPY (
SELECT "Body Name", "Beneficiary Name", strftime(TRY_CAST("Payment Date" AS DATE), '%Y-%m') AS month, count(*),
    sum(TRY_CAST(replace("Amount", ',', '') AS DECIMAL(18, 2)))
FROM read_csv('{sys.argv[1]}', all_varchar = true) GROUP BY ALL
) TO '/dev/stdout' (FORMAT csv)''')
"""
BUYERS: Final = 400
SUPPLIERS: Final = 50_000
_SYLLABLES: Final = tuple(a + b for a in "bcdfglmnprstvw" for b in ("a", "e", "i", "o", "an", "el", "or"))
_TRADES: Final = ("Systems", "Software", "Care", "Building", "Consulting", "Networks", "Transport", "Services")
_FORMS: Final = ("Ltd", "Limited", "LTD.", "PLC", "LLP")
_CPV: Final = (
    *("48000000", "72000000", "72212000", "72253000", "64200000", "30200000", "79211110", "45210000"),
    *("85311000", "90511000", "60100000", "71300000", "50700000", "79620000", "66510000", "80500000"),
)


def releases(count: int, seed: int = 1) -> Iterator[str]:
    """Yield OCDS releases with one award each, as lines of JSON of about 800 bytes.

    A supplier is named in one of several spellings and, half of them, by company number too.
    """
    chance = random.Random(seed)  # noqa: S311 - contracts that can be made again, no secret
    days = [(date(2015, 1, 1) + timedelta(days=n)).isoformat() for n in range(6_000)]
    buyers = [f"{_word(chance, 2)} {'City' if n % 3 else 'County'} Council" for n in range(BUYERS)]
    suppliers = [f"{_word(chance, 3)} {_word(chance, 2)} {chance.choice(_TRADES)}" for _ in range(SUPPLIERS)]
    forms = [chance.choice(_FORMS) for _ in range(SUPPLIERS)]
    for number in range(count):
        buyer, supplier = chance.randrange(BUYERS), int(SUPPLIERS * chance.random() ** 3)
        start = chance.randrange(4_000)
        begins, ends, awarded = days[start], days[start + chance.randrange(90, 1_800)], days[max(start - 30, 0)]
        value, cpv = round(chance.lognormvariate(11, 2), 2), chance.choice(_CPV)
        name = f"{suppliers[supplier]} {forms[supplier]}"
        if number % 7 == 0:
            name = name.upper()
        identifier = (
            f', "identifier": {{"scheme": "GB-COH", "id": "{supplier + 1_000_000:08}"}}' if supplier % 2 else ""
        )
        title = f"{suppliers[supplier].partition(' ')[2]} for {buyers[buyer]}, lot {number % 97}"
        yield (
            f'{{"ocid": "ocds-made-{number:07}", "id": "{number:07}-1", "date": "{awarded}T09:00:00Z", '
            f'"tag": ["award"], "initiationType": "tender", "language": "en", "tender": {{"id": "T{number}", '
            f'"title": "{title}", "status": "complete", '
            f'"classification": {{"scheme": "CPV", "id": "{cpv}"}}, '
            f'"value": {{"amount": {value}, "currency": "GBP"}}, "procurementMethod": "open"}}, '
            f'"parties": [{{"id": "B{buyer}", "name": "{buyers[buyer]}", "roles": ["buyer"]}}, '
            f'{{"id": "S{supplier}", "name": "{name}"{identifier}, "roles": ["supplier"]}}], '
            f'"buyer": {{"id": "B{buyer}", "name": "{buyers[buyer]}"}}, '
            f'"awards": [{{"id": "1", "title": "{title}", "status": "active", "date": "{awarded}T00:00:00Z", '
            f'"value": {{"amount": {value}, "currency": "GBP"}}, '
            f'"suppliers": [{{"id": "S{supplier}", "name": "{name}"}}], '
            f'"contractPeriod": {{"startDate": "{begins}T00:00:00Z", "endDate": "{ends}T23:59:59Z"}}}}]}}\n'
        )


def _word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choices(_SYLLABLES, k=syllables)).capitalize()


def payments(data: Path, count: int, seed: int = 1) -> Iterator[list[str]]:
    """Yield the header and rows of a spending table: real ones, time and again, each time with other keys.

    Each round over the real rows has other days, other amounts and, for a third of them, other suppliers, so that the
    table has more pairs of buyer, supplier and month than any one body has.
    """
    chance = random.Random(seed)  # noqa: S311 - rows that can be made again, no secret
    header: list[str] = []
    real: list[list[str]] = []
    for path in sorted((data / "council_spend").glob("*.csv")):
        body = path.name.partition("__")[0].title()
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            header, *rows = csv.reader(file)
            real += [[body, *row] for row in rows if len(row) == len(header)]
    yield ["Body Name", *header]
    written = 0
    while written < count:
        turn = written // len(real)
        ending = _word(random.Random(turn % 10), 2)  # noqa: S311 - ten endings, ten times the suppliers
        first = date(2010, 1, 1) + timedelta(days=61 * turn)
        days = [(first + timedelta(days=n)).isoformat() for n in range(61)]
        for body, _, amount, unit, supplier, *numbers in islice(real, count - written):
            named = f"{supplier} {ending}" if turn and len(supplier) % 3 == 0 else supplier
            pounds = f"{amount}{turn % 10}" if "." in amount and amount[-1].isdigit() else amount
            yield [body, chance.choice(days), pounds, unit, named, *numbers]
        written += len(real)


def measure_contracts(folder: Path, count: int) -> None:
    """Print how long contracts load, and how long their quads do."""
    source = folder / "releases.jsonl"
    with source.open("w", encoding="utf-8") as file:
        file.writelines(releases(count))
    print(f"{count:,} contracts, {source.stat().st_size / 1e6:,.0f} MB of JSON lines, ", end="")
    _against_engine(folder, "ocds", [source], "contracts", count)


def measure_real(folder: Path, data: Path) -> None:
    """Print how long the real tables of payments and sales load, all in one go, and how long their quads do."""
    tables = sorted([*(data / "council_spend").glob("*.csv"), *(data / "gcloud").glob("G-Cloud-Spend*.csv")])
    count = 0
    for table in tables:
        with table.open(encoding="utf-8", errors="replace", newline="") as file:
            count += sum(1 for _ in csv.reader(file)) - 1
    size = sum(table.stat().st_size for table in tables)
    print(f"{len(tables)} tables, {count:,} rows, {size / 1e6:,.0f} MB of CSV, ", end="")
    _against_engine(folder, "spend", tables, "rows", count)


def _against_engine(folder: Path, kind: str, sources: Sequence[Path], what: str, count: int) -> None:
    ready, data = folder / "quads.nq", folder / "data"
    ours = run(BIN / "civicgraph", "load", kind, *sources, "--data", data)
    with DataFolder(data).open() as snapshot:
        snapshot.engine.store.dump(str(ready), RdfFormat.N_QUADS)
        quads = snapshot.manifest.quads
    theirs = run(BIN / "oxigraph", "load", "--location", folder / "oxigraph", "--file", ready)
    print(f"{quads:,} quads\n")
    print(f"| process | seconds | CPU seconds | {what} a second | peak memory, MB |\n|---|---:|---:|---:|---:|")
    for name, one in ((f"civicgraph load {kind}", ours), ("oxigraph load, the same quads ready-made", theirs)):
        print(f"| {name} | {one.seconds:.1f} | {one.cpu:.1f} | {count / one.seconds:,.0f} | {one.megabytes:,.0f} |")
    print(f"\nratio {ours.seconds / theirs.seconds:.2f}, of CPU {ours.cpu / theirs.cpu:.2f}; {_load()}")


def measure_payments(folder: Path, data: Path, count: int) -> None:
    """Print how long payments load, and how much memory that takes."""
    source = folder / "payments.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(payments(data, count))
    ours = run(BIN / "civicgraph", "load", "spend", source, "--data", folder / "data")
    with DataFolder(folder / "data").open() as snapshot:
        quads = snapshot.manifest.quads
    theirs = run(sys.executable, "-c", GROUPED, source)
    print(f"{count:,} rows, {source.stat().st_size / 1e6:,.0f} MB of CSV, {quads:,} quads\n")
    print("| process | seconds | CPU seconds | rows a second | peak memory, MB |\n|---|---:|---:|---:|---:|")
    print(
        f"| civicgraph load spend | {ours.seconds:.1f} | {ours.cpu:.1f} | {count / ours.seconds:,.0f} "
        f"| {ours.megabytes:,.0f} |"
    )
    print(
        f"| DuckDB reads and groups | {theirs.seconds:.1f} | {theirs.cpu:.1f} | {count / theirs.seconds:,.0f} "
        f"| {theirs.megabytes:,.0f} |"
    )
    print(f"\nratio {ours.seconds / theirs.seconds:.1f}, of CPU {ours.cpu / theirs.cpu:.1f}; {_load()}")


def _load() -> str:
    return f"load average {os.getloadavg()[2]:.1f} on {os.cpu_count()} cores"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of one run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("data", nargs="?", type=Path, default=beside, help="the folder that has council_spend")
    parser.add_argument("--contracts", type=int, default=1_000_000, help="how many contracts to make")
    parser.add_argument("--rows", type=int, help="measure payments instead, so many")
    parser.add_argument("--real", action="store_true", help="measure the real tables of payments and sales instead")
    parser.add_argument("--folder", type=Path, help="make the temporary folder in this one")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        if options.real:
            measure_real(Path(name), options.data)
        elif options.rows is None:
            measure_contracts(Path(name), options.contracts)
        else:
            measure_payments(Path(name), options.data, options.rows)


if __name__ == "__main__":
    main()
