"""Measures over contracts whose graph is on a server: asked by one who has its address only, against the data folder.

The ties of made contracts are kept in a data folder and on `oxigraph serve` as a load keeps them; the quads of the
contracts are left out, because no figure reads them, here or there, and loading them takes a quarter of an hour. Each
command is a process of its own, the remote ones begin with an empty folder: so the first fetches the columns. What they
print must be the same. Run: python benchmarks/remote_measures.py [--contracts N]
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from measures import contracts

from civicgraph.graph.store.remote.folder import RemoteFolder
from civicgraph.graph.store.remote.http import Address, Connection
from civicgraph.graph.store.snapshot import DataFolder

_BIN = Path(sys.executable).parent
_ASKED = (
    ("concentration", "--by", "supplier", "--basis", "value", "--format", "csv"),
    ("concentration", "--by", "market", "--basis", "value", "--format", "csv"),
    ("concentration", "--by", "buyer", "--basis", "customers", "--format", "csv"),
    ("concentration", "--by", "supplier", "--from", "2018-04-01", "--to", "2019-03-31", "--format", "csv"),
    ("what-if", "fails", "Supplier number 7 Ltd", "--as-of", "2018-01-01"),
)


def timed(words: Sequence[str | Path]) -> tuple[bytes, float, float, float]:
    """Run a command; return what it prints, its seconds by the clock and of CPU, and its peak memory in megabytes."""
    began = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, words
    return output, time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def answers(root: Path, count: int) -> None:
    """Print a row for each question: the data folder, the server for the first time, and again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/query"
    server = subprocess.Popen(
        [_BIN / "oxigraph", "serve", "--location", root / "graph", "--bind", f"127.0.0.1:{port}"],
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(2)
        # In processes of their own: the peak of a process is never less than what its parent had when it began.
        for place in ((root / "here",), (root / "there", url, f"http://127.0.0.1:{port}/store")):
            subprocess.run([sys.executable, __file__, "--contracts", str(count), "--load", *place], check=True)
        size = sum(file.stat().st_size for file in root.glob("there/stores/*/versions/*/ties/*"))
        print(f"{count:,} contracts; their columns are {size / 1e6:.0f} MB\n")
        print("| | here, s (CPU), MB | by address, first | again |\n|---|---:|---:|---:|")
        for number, words in enumerate(_ASKED):
            reader = root / f"reader-{number}"
            here, first, again = (
                timed([_BIN / "civicgraph", *words, *where])
                for where in (
                    ("--data", root / "here"),
                    ("--data", reader, "--store", url),
                    ("--data", reader, "--store", url),
                )
            )
            assert here[0] == first[0] == again[0], words
            cells = [f"{wall:.2f} ({cpu:.2f}), {memory:.0f}" for _, wall, cpu, memory in (here, first, again)]
            print(f"| {' '.join(words)} | {' | '.join(cells)} |", flush=True)
    finally:
        server.kill()
        server.wait()


def main() -> None:
    """Print the figures of one run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contracts", type=int, default=1_000_000, help="how many contracts to answer over")
    parser.add_argument("--load", nargs="+", metavar="FOLDER, URLS", help="only load them there")
    options = parser.parse_args()
    count = options.contracts
    if options.load:
        folder, *urls = options.load
        data = Path(folder)
        address = Address.read(urls[0], None, urls[1]) if urls else None
        contracts(DataFolder(data) if address is None else RemoteFolder(data, Connection(address, timeout=600)), count)
        return
    with tempfile.TemporaryDirectory() as name:
        answers(Path(name), count)
    print(f"\nload average {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
