"""What `civicgraph export gexf` takes on a loaded snapshot, against networkx's writer, and over HTTP to the first byte.

Each is a process of its own, from its start to the finished file, and CPU seconds are what is compared, because the two
share a machine. The peer opens the same folder, makes the same network and writes it by `networkx.write_gexf`, which
gives no positions: so the time in the layout is told apart.
Run: python benchmarks/exports.py DATA [--runs N]
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

COMMAND: Final = Path(sys.executable).with_name("civicgraph")
PORT: Final = 7874

OURS: Final = """
import sys, time
import civicgraph.graph.exports.drawing as views
from civicgraph.api.cli import main
layout, taken = views.layout, []
def timed(*given):
    begun = time.process_time()
    found = layout(*given)
    taken.append(time.process_time() - begun)
    return found
views.layout = timed
sys.argv = ["civicgraph", "export", "gexf", "--data", sys.argv[1], "-o", sys.argv[2]]
try:
    main()
finally:
    print(time.process_time(), sum(taken))
"""
PEER: Final = """
import sys, time
import networkx as nx
from civicgraph.graph import open_folder
with open_folder(sys.argv[1]) as data:
    graph = data.network()
begun = time.process_time()
nx.write_gexf(graph, sys.argv[2])
print(time.process_time(), time.process_time() - begun, len(graph), graph.number_of_edges())
"""


def child(script: str, data: Path, out: Path) -> list[float]:
    """Run a script in a process of its own and return the numbers that it prints last."""
    done = subprocess.run(
        [sys.executable, "-c", script, data, out],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return [float(number) for number in done.stdout.split()[-4:]]


@contextmanager
def served(data: Path) -> Iterator[None]:
    """Serve a data folder while the block runs."""
    server = subprocess.Popen([COMMAND, "serve", "--data", data, "--port", str(PORT)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health")
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait()


def first_byte() -> float:
    """Return the seconds from a request to the first byte of its file."""
    begun = time.perf_counter()
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/exports/network.gexf") as answer:
        answer.read(1)
        return time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours = [child(OURS, asked.data, Path(folder) / "ours.gexf") for _ in range(asked.runs)]
        peer = [child(PEER, asked.data, Path(folder) / "peer.gexf") for _ in range(asked.runs)]
    _, _, nodes, edges = peer[0]
    whole, apart = median(one[0] for one in ours), median(one[1] for one in ours)
    of_peer, writing = median(one[0] for one in peer), median(one[1] for one in peer)
    print(f"{nodes:,.0f} nodes and {edges:,.0f} edges, CPU seconds, the middle of {asked.runs} runs")
    print(f"export gexf: {whole - apart:.2f}, and {apart:.2f} for the layout")
    print(f"networkx.write_gexf: {of_peer:.2f}, writing {writing:.2f}; ours is {(whole - apart) / of_peer:.2f} of it")
    print(f"most memory of a child: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:,.0f} MB")
    with served(asked.data):
        print(f"first byte over HTTP: {first_byte():.2f} s")


if __name__ == "__main__":
    main()
