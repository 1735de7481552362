"""Measures over contracts whose graph is on a server: asked by one who has its address only, against the data folder.

Made contracts are loaded into a data folder, and into the store of `oxigraph serve` on this machine. Each command is
a process of its own, the remote ones begin with an empty folder: so the first fetches the edges by SPARQL. What they
print must be the same.
Run: python benchmarks/remote_measures.py [--contracts N] [--folder FOLDER, in which what was loaded stays]
"""

import argparse
import os
import subprocess
import tempfile
from pathlib import Path

from commands import BIN, certain, largest, run
from loading import releases
from serving_store import oxigraph

_SERIES = ("--by", "supplier", "--from", "2018-04-01", "--to", "2019-03-31", "--format", "csv")


def build(root: Path, count: int) -> None:
    """Load contracts into a data folder and into the store of a server, each unless it is there."""
    made, graph = root / "made.jsonl", root / "graph"
    if not made.exists():
        with made.open("w", encoding="utf-8") as file:
            file.writelines(releases(count))
    load: list[str | Path] = [BIN / "civicgraph", "load", "ocds", made]
    if not (root / "here").exists():
        subprocess.run([*load, "--data", root / "here"], check=True)
    if not graph.exists():
        with oxigraph(graph) as server:
            there: list[str | Path] = ["--data", root / "there", "--store", server.query]
            there += ["--graph-store-url", server.store]
            subprocess.run([*load, *there], check=True, stdout=subprocess.DEVNULL)


def answers(root: Path, readers: Path) -> None:
    """Print a row for each question: the data folder, the server for the first time, and again."""
    asked = (
        ("concentration", "--by", "supplier", "--basis", "value", "--format", "csv"),
        ("concentration", "--by", "market", "--basis", "value", "--format", "csv"),
        ("concentration", "--by", "buyer", "--basis", "customers", "--format", "csv"),
        ("concentration", *_SERIES),
        ("what-if", "fails", largest(root / "made.jsonl"), "--as-of", "2018-01-01"),
    )
    print("| | here, s (CPU), MB | by address, first | again | MB that travel |\n|---|---:|---:|---:|---:|")
    with oxigraph(root / "graph") as server:
        for number, words in enumerate(asked):
            there = ("--data", readers / f"reader-{number}", "--store", server.query)
            before = server.bytes
            took = [run(BIN / "civicgraph", *words, *where) for where in (("--data", root / "here"), there, there)]
            assert len({str(certain(one.output)) for one in took}) == 1, words
            cells = [f"{one.seconds:.2f} ({one.cpu:.2f}), {one.megabytes:.0f}" for one in took]
            print(f"| {' '.join(words)} | {' | '.join(cells)} | {(server.bytes - before) / 1e6:.1f} |", flush=True)
        print(f"\nthe server had {server.megabytes():.0f} MB at most")


def main() -> None:
    """Print the figures of one run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contracts", type=int, default=1_000_000, help="how many contracts to answer over")
    parser.add_argument("--folder", type=Path, help="where what is loaded stays, or was left before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = options.folder or Path(name)
        root.mkdir(parents=True, exist_ok=True)
        build(root, options.contracts)
        answers(root, Path(name))
    print(f"\nload average {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
