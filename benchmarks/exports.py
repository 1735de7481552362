"""How fast a network is written as GEXF, and how much memory that takes beyond the network itself.

The network: made from a seed, 400 buyers and 49,600 suppliers, one payment for each of 500,000 pairs, as
`build_network` gives it. `all` goes the whole way from its ties: sums, shares, communities, core numbers, positions,
and the file, with nothing kept. `rows at hand` writes rows that were made before, which is what `networkx.write_gexf`
does with a graph whose columns are ready; that is the peer, in the same run, with the same columns on its edges and few
on its nodes. Each is a process of its own, so that its memory is its own. `--layouts` measures the layout against what
else can be had under a permissive licence and without a compiler, where it is installed.
Run: python benchmarks/exports.py [--edges N] [--layouts]
"""

import argparse
import io
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from typing import Final

import networkx as nx
import numpy as np

from civicgraph.graph.edges.network import Network
from civicgraph.graph.exports.drawing import Drawing
from civicgraph.graph.exports.gexf import gexf
from civicgraph.graph.exports.layout import layout
from civicgraph.graph.exports.network_view import network_parts
from civicgraph.graph.exports.selection import Selection
from civicgraph.graph.exports.views import drawn

BUYERS: Final = 400
NODES: Final = 50_000


class Sink(io.RawIOBase):
    """Counts what is written to it and keeps nothing."""

    size = 0

    def writable(self) -> bool:
        """Say that it takes anything."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # of bytes alone
        """Count."""
        self.size += len(data)
        return len(data)


def pairs(edges: int, nodes: int = NODES, buyers: int = BUYERS) -> tuple[np.ndarray, np.ndarray]:
    """Return distinct pairs of a buyer and a supplier: few have many ties, most have few, everybody has one."""
    random = np.random.default_rng(1)
    suppliers = nodes - buyers
    weight = 1 / np.arange(1, buyers + 1) ** 0.8
    other = 1 / np.arange(1, suppliers + 1) ** 0.6
    found = np.arange(suppliers) + suppliers * random.choice(buyers, suppliers, p=weight / weight.sum())
    while len(found) < edges:
        one = random.choice(buyers, edges, p=weight / weight.sum())
        two = random.choice(suppliers, edges, p=other / other.sum())
        more = np.setdiff1d(one.astype(np.int64) * suppliers + two, found)
        random.shuffle(more)
        found = np.concatenate((found, more[: edges - len(found)]))
    return found // suppliers, buyers + found % suppliers


def network(edges: int) -> Network:
    """Return a network of payments."""
    made: Network = nx.MultiDiGraph()
    random = np.random.default_rng(2)
    names = [f"https://w3id.org/civicgraph/id/organisation/party-{number:05}" for number in range(NODES)]
    for number, name in enumerate(names):
        made.add_node(name, label=f"Party & Sons {number}", cls="Organisation", is_collective=False)
    services = [f"https://w3id.org/civicgraph/services#s{number}" for number in range(50)]
    sources, targets = (ends.tolist() for ends in pairs(edges))
    pence = random.integers(100, 10**9, edges).tolist()
    for number, (source, target, amount) in enumerate(zip(sources, targets, pence, strict=True)):
        made.add_edge(
            names[source],
            names[target],
            key=number,
            kind="spend",
            guard=None,
            label="payments",
            services=(services[number % 50],),
            places=(),
            start=date(2012 + number % 8, 1 + number % 12, 1),
            end=date(2012 + number % 8, 1 + number % 12, 28),
            value=Decimal(amount) / 100,
            currency="GBP",
            split=1.0,
            contract=None,
            certainty="asserted",
            evidence=(),
            documents=(),
        )
    made.graph.update(
        labels={service: service.rpartition("#")[2] for service in services}, broader={}, as_of=date(2019, 12, 31)
    )
    return made


def _whole(edges: int) -> None:
    given = network(edges)
    before, started, computed = _peak(), time.perf_counter(), time.process_time()
    drawing = drawn(network_parts(given, Selection(), {}, {}), given)
    made = time.process_time() - computed
    _tell(_written(drawing), before, started, computed, made)


def _rows(edges: int) -> None:
    given = network(edges)
    drawing = drawn(network_parts(given, Selection(), {}, {}), given)
    nodes, ties = list(drawing.nodes()), list(drawing.edges())
    ready = replace(drawing, nodes=lambda: iter(nodes), edges=lambda: iter(ties))
    before, started, computed = _peak(), time.perf_counter(), time.process_time()
    _tell(_written(ready), before, started, computed, 0.0)


def _written(drawing: Drawing) -> int:
    sink = Sink()
    for piece in gexf(drawing):
        sink.write(piece)
    return sink.size


def _networkx(edges: int) -> None:
    given = network(edges)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(
        (node, {"label": data["label"], "class": data["cls"]}) for node, data in given.nodes(data=True)
    )
    labels = given.graph["labels"]
    for source, target, key, data in given.edges(keys=True, data=True):
        graph.add_edge(
            source,
            target,
            key=key,
            kind=data["kind"],
            label=data["label"],
            value=float(data["value"]),
            count=1,
            services=", ".join(labels[service] for service in data["services"]),
            documents=0,
            spend=float(data["value"]),
            certainty="asserted",
            start=data["start"].isoformat(),
            end=data["end"].isoformat(),
        )
    before, started, computed = _peak(), time.perf_counter(), time.process_time()
    sink = Sink()
    nx.write_gexf(graph, sink, version="1.2draft")
    _tell(sink.size, before, started, computed, 0.0)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _tell(size: int, before: float, started: float, computed: float, made: float) -> None:
    print(time.perf_counter() - started, time.process_time() - computed, made, _peak() - before, size / 1e6)


def _in_its_own_process(name: str, edges: int) -> list[float]:
    command = [sys.executable, __file__, "--only", name, "--edges", str(edges)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(number) for number in done.stdout.split()]


def _peers() -> Iterator[tuple[str, Callable[[int, np.ndarray, np.ndarray], object]]]:
    yield "ours", layout
    if find_spec("networkit"):
        import networkit as nk

        def stress(count: int, sources: np.ndarray, targets: np.ndarray) -> object:
            nk.setSeed(1, False)
            nk.setNumberOfThreads(1)
            graph = nk.GraphFromCoo((sources, targets), n=count)  # which must outlive the layout
            return nk.viz.MaxentStress(graph, 2, 3).run()

        yield "networkit MaxentStress", stress
    if find_spec("rustworkx"):
        import rustworkx as rx

        def spring(count: int, sources: np.ndarray, targets: np.ndarray) -> object:
            graph = rx.PyGraph()
            graph.add_nodes_from(range(count))
            graph.add_edges_from_no_data(list(zip(sources.tolist(), targets.tolist(), strict=True)))
            return rx.spring_layout(graph, seed=1)

        yield "rustworkx spring_layout", spring
    if find_spec("datashader"):
        import pandas as pd
        from datashader.layout import forceatlas2_layout

        def atlas(count: int, sources: np.ndarray, targets: np.ndarray) -> object:
            nodes = pd.DataFrame({"id": range(count)})
            return forceatlas2_layout(nodes, pd.DataFrame({"source": sources, "target": targets}), seed=1)

        yield "datashader forceatlas2_layout", atlas

    def plain(count: int, sources: np.ndarray, targets: np.ndarray) -> object:
        graph = nx.Graph(zip(sources.tolist(), targets.tolist(), strict=True))
        graph.add_nodes_from(range(count))
        return nx.forceatlas2_layout(graph, seed=1)

    yield "networkx forceatlas2_layout", plain


def _layouts() -> None:
    print("\n| layout | nodes | edges | CPU seconds |\n|---|---:|---:|---:|")
    for nodes, edges, most in ((2_000, 6_000, 99), (10_000, 40_000, 2), (50_000, 500_000, 1)):
        sources, targets = pairs(edges, nodes)
        for name, place in list(_peers())[:most]:
            if nodes > 2_000 and name not in ("ours", "rustworkx spring_layout"):
                continue
            computed = time.process_time()
            place(nodes, sources, targets)
            print(f"| {name} | {nodes:,} | {edges:,} | {time.process_time() - computed:.1f} |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--edges", type=int, default=500_000)
    parser.add_argument("--layouts", action="store_true", help="the layouts and their peers, which must be installed")
    parser.add_argument("--only", choices=("rows", "whole", "networkx"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        {"rows": _rows, "whole": _whole, "networkx": _networkx}[arguments.only](arguments.edges)
        return
    if arguments.layouts:
        _layouts()
        return
    rows, whole, peer = (_in_its_own_process(name, arguments.edges) for name in ("rows", "whole", "networkx"))
    print(f"{NODES:,} nodes, {arguments.edges:,} edges\n")
    print("| | seconds | CPU seconds | memory beyond the network, MB | file, MB |\n|---|---:|---:|---:|---:|")
    print(f"| rows at hand | {rows[0]:.1f} | {rows[1]:.1f} | {rows[3]:.0f} | {rows[4]:.0f} |")
    print(f"| all | {whole[0]:.1f} | {whole[1]:.1f} | {whole[3]:.0f} | {whole[4]:.0f} |")
    print(f"| of it sums, structure and positions | | {whole[2]:.1f} | | |")
    print(f"| networkx.write_gexf | {peer[0]:.1f} | {peer[1]:.1f} | {peer[3]:.0f} | {peer[4]:.0f} |")
    ratios = (peer[1] / rows[1], peer[1] / (whole[1] - whole[2]), peer[1] / whole[1])
    print(
        "\nnetworkx over ours, of CPU: rows at hand {:.1f}, from the ties without positions {:.1f}, all {:.1f};".format(
            *ratios
        )
    )
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
