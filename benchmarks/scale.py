"""How cost grows with size: made contracts of about 1, 3 and 10 million triples, in a data folder and on a server.

For each size, in one run: contracts are loaded into a data folder and into `oxigraph serve` on this machine, then a
table of one payment more; then figures are asked, on the server by one who has its address only. All as whole
processes; what both print must be the same. A relay before the server counts the bytes. Each size adds a line to a
file, and `--fit` prints tables of it, with the exponent of the power law that fits the sizes best (least squares of the
logarithms).
Run: python benchmarks/scale.py FILE [--triples N ...]; then python benchmarks/scale.py FILE --fit
"""

import argparse
import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from commands import BIN, Run, certain, largest, run
from loading import releases
from serving_store import Served, oxigraph

from civicgraph.graph.snapshot.snapshot import DataFolder

_TRIPLES = (1_000_000, 3_000_000, 10_000_000)
_PER_CONTRACT = 28
_PAYMENTS = "Body Name,Date,Supplier Name,Amount\nLeeds City Council,30/11/2019,Alpha Ltd,70.00\n"
_KINDS = ("seconds", "cpu", "megabytes")
_UNITS = {"seconds": "s", "cpu": "CPU s", "megabytes": "MB", "disk": "MB on disk", "travelled": "MB that travel"}


def one_size(folder: Path, triples: int) -> dict[str, Any]:
    """Return the figures of one size, by what was done, where, and what was measured."""
    made, small = folder / "made.jsonl", folder / "small.csv"
    with made.open("w", encoding="utf-8") as file:
        file.writelines(releases(triples // _PER_CONTRACT))
    small.write_text(_PAYMENTS, encoding="utf-8")
    figures: dict[str, float] = {}
    here: list[str | Path] = ["--data", folder / "here"]
    for what, kind, source in (("load", "ocds", made), ("a payment more", "spend", small)):
        _note(figures, f"{what}, data folder", run(BIN / "civicgraph", "load", kind, source, *here))
        if what == "load":
            figures["load, data folder, disk"] = _size(folder / "here")
    with oxigraph(folder / "graph") as server:
        there: list[str | Path] = [
            "--data",
            folder / "there",
            "--store",
            server.query,
            "--graph-store-url",
            server.store,
        ]
        for what, kind, source in (("load", "ocds", made), ("a payment more", "spend", small)):
            before, cpu = server.bytes, server.cpu()
            _note(figures, f"{what}, server", run(BIN / "civicgraph", "load", kind, source, *there))
            figures[f"{what}, server, travelled"] = (server.bytes - before) / 1e6
            figures[f"{what}, by the server itself, cpu"] = server.cpu() - cpu
            figures[f"{what}, by the server itself, megabytes"] = server.megabytes()
            if what == "load":
                figures["load, by the server itself, disk"] = _size(folder / "graph")
                figures["load, server, disk"] = _size(folder / "there")
        figures |= _measured(folder, server, largest(made))
    manifest = DataFolder(folder / "here").manifest()
    assert manifest is not None
    return {"triples": manifest.quads, "contracts": triples // _PER_CONTRACT, "figures": figures}


def _measured(folder: Path, server: Served, supplier: str) -> dict[str, float]:
    figures: dict[str, float] = {}
    for number, words in enumerate(
        (
            ("concentration", "--by", "supplier", "--basis", "value", "--format", "csv"),
            ("concentration", "--by", "market", "--basis", "value", "--format", "csv"),
            ("what-if", "fails", supplier, "--as-of", "2018-01-01"),
        )
    ):
        what = " ".join(words[:1] + words[2:3]) if number < 2 else "what-if fails"
        here: list[str | Path] = ["--data", folder / "here"]
        reader: list[str | Path] = ["--data", folder / f"reader-{number}", "--store", server.query]
        outputs = []
        for where, options in (("data folder", here), ("by address", reader), ("again", reader)):
            before = server.bytes
            took = run(BIN / "civicgraph", *words, *options)
            _note(figures, f"{what}, {where}", took)
            outputs.append(str(certain(took.output)))
            if where != "data folder":
                figures[f"{what}, {where}, travelled"] = (server.bytes - before) / 1e6
        assert len(set(outputs)) == 1, words
    return figures


def _note(figures: dict[str, float], what: str, took: Run) -> None:
    figures |= {f"{what}, {kind}": getattr(took, kind) for kind in _KINDS}


def _size(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def fit(sizes: list[dict[str, Any]]) -> None:
    """Print what was measured at each size, and how it grows: the exponent, and what a million triples more take."""
    sizes.sort(key=lambda one: one["triples"])
    triples = [one["triples"] for one in sizes]
    heads = " | ".join(f"{count / 1e6:.1f} million" for count in triples)
    print(f"| | {heads} | exponent | a million more |\n|---|{'---:|' * (len(sizes) + 2)}")
    for name in sizes[0]["figures"]:
        what, _, kind = name.rpartition(", ")
        if kind == "cpu" and not what.startswith("load"):
            continue
        values = [one["figures"][name] for one in sizes]
        slope = np.polyfit(np.array(triples) / 1e6, values, 1)[0] if len(sizes) > 1 else math.nan
        cells = " | ".join(f"{value:,.1f}" for value in values)
        print(f"| {what}, {_UNITS[kind]} | {cells} | {_exponent(triples, values):.2f} | {slope:,.2f} |")
    averages = ", ".join(f"{one['load average']:.1f}" for one in sizes)
    print(f"\nload averages {averages} on {os.cpu_count()} cores")


def _exponent(sizes: list[int], values: list[float]) -> float:
    if len(sizes) < 2 or min(values) <= 0:
        return math.nan
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def main() -> None:
    """Measure some sizes, or print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="where the figures of each size are kept")
    parser.add_argument("--triples", type=int, nargs="+", default=_TRIPLES, help="about how many triples")
    parser.add_argument("--fit", action="store_true", help="print what the file holds")
    options = parser.parse_args()
    if options.fit:
        with options.file.open(encoding="utf-8") as file:
            fit([json.loads(line) for line in file])
        return
    for triples in options.triples:
        with tempfile.TemporaryDirectory() as name:
            found = one_size(Path(name), triples)
        found["load average"] = os.getloadavg()[1]
        with options.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
        print(f"{found['triples']:,} triples, load average {found['load average']:.1f}", flush=True)


if __name__ == "__main__":
    main()
