"""The graph here and on a server: loading, loading a little more, and the sums of a market; time and memory of each.

For each size, in one run: made contracts are loaded into a data folder and into `oxigraph serve` on this machine, then
a table of one payment. The HHI of all contracts by value is worked out from the ties: in the data folder; remotely by
who loaded it, whose load left the columns; by one who only has the address, for whom they are made through SPARQL. All
as whole processes; the indices must be equal. Run: python benchmarks/remote.py [--contracts N ...]
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from loading import Run, releases, run

from civicgraph.graph.store.remote.folder import RemoteFolder
from civicgraph.graph.store.remote.http import Address, Connection
from civicgraph.graph.store.snapshot import DataFolder

BIN = Path(sys.executable).parent
PAYMENTS = "Body Name,Date,Supplier Name,Amount\nLeeds City Council,30/11/2019,Alpha Ltd,70.00\n"


def measure(data: Path, url: str | None) -> None:
    """Print the HHI of all contracts by value, and how many triples there are."""
    folder = DataFolder(data) if url is None else RemoteFolder(data, Connection(Address.read(url), timeout=3600))
    with folder.ties() as ties:
        chosen = (ties.kind == 1) & (ties.guard < 0) & (ties.supplier >= 0) & ~np.isnan(ties.value)
        totals = np.bincount(ties.supplier[chosen], weights=(ties.value * ties.split)[chosen])
    shares = totals / totals.sum()
    manifest = folder.manifest()
    print(f"{10_000 * float(np.sort(shares**2).sum()):.6f} {0 if manifest is None else manifest.quads}")


def compare(contracts: int) -> None:
    """Print one line of figures for each step, here and on the server."""
    with tempfile.TemporaryDirectory() as name, socket.socket() as probe:
        folder = Path(name)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        made, small = folder / "made.jsonl", folder / "small.csv"
        with made.open("w", encoding="utf-8") as file:
            file.writelines(releases(contracts))
        small.write_text(PAYMENTS, encoding="utf-8")
        server = subprocess.Popen(
            [BIN / "oxigraph", "serve", "--location", folder / "graph", "--bind", f"127.0.0.1:{port}"],
            stderr=subprocess.DEVNULL,
        )
        url = f"http://127.0.0.1:{port}/query"
        store = ["--store", url, "--graph-store-url", f"http://127.0.0.1:{port}/store"]
        os.environ["CIVICGRAPH_STORE_GRACE"] = "0"
        try:
            time.sleep(2)
            here, there = folder / "here", folder / "there"
            for what, path in (("load", made), ("load a little", small)):
                kind = "ocds" if path == made else "spend"
                one = run(BIN / "civicgraph", "load", kind, path, "--data", here)
                other = run(BIN / "civicgraph", "load", kind, path, "--data", there, *store)
                tell(contracts, what, one, other)
            found = set()
            for what, data, arguments in (
                ("measure, here", here, []),
                ("measure, remote, after its own load", there, [url]),
                ("measure, remote, by address only", folder / "reader", [url]),
                ("measure, remote, again", folder / "reader", [url]),
            ):
                began = time.perf_counter()
                command = [sys.executable, __file__, "--measure", str(data), *arguments]
                process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
                output = process.stdout.read() if process.stdout else ""
                _, _, usage = os.wait4(process.pid, 0)
                found.add(output.split()[0])
                took, most = time.perf_counter() - began, usage.ru_maxrss / 1024
                print(f"{contracts:>9,}  {what}: {took:.1f} s, {most:.0f} MB, HHI and triples {output}", end="")
            print(f"{contracts:>9,}  equal: {len(found) == 1}")
        finally:
            server.kill()
            _, _, usage = os.wait4(server.pid, 0)
            print(f"{contracts:>9,}  the server had {usage.ru_maxrss / 1024:.0f} MB at most", flush=True)


def tell(contracts: int, what: str, one: Run, other: Run) -> None:
    """Print a step of both."""
    print(
        f"{contracts:>9,}  {what}: here {one.seconds:.1f} s ({one.cpu:.1f} CPU), {one.megabytes:.0f} MB; "
        f"remote {other.seconds:.1f} s ({other.cpu:.1f} CPU), {other.megabytes:.0f} MB; "
        f"{other.seconds / one.seconds:.2f} times",
        flush=True,
    )


def main() -> None:
    """Compare each size, or measure one store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, nargs="*", default=[70_000])
    parser.add_argument("--measure", nargs="+")
    options = parser.parse_args()
    if options.measure:
        data, *url = options.measure
        measure(Path(data), url[0] if url else None)
        return
    print(f"load average {os.getloadavg()[0]:.1f}")
    for contracts in options.contracts:
        compare(contracts)


if __name__ == "__main__":
    main()
