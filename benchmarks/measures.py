"""How fast measures are: against plain networkx over one made network, and how soon an answer comes, first and again.

The network has 400 buyers, 50,000 suppliers and 500,000 ties, made from a seed. The answers are those of the command
and of the server over the ties of 1,000,000 made contracts, kept as a load keeps them; the quads of those contracts are
left out, because no figure reads them and loading them takes a quarter of an hour. Run:
python benchmarks/measures.py [--contracts N] [--pivots N]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

import networkx as nx
import numpy as np

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.selection import select
from civicgraph.graph.edges.surroundings import Surroundings
from civicgraph.graph.edges.ties.build import Row, ties_of_rows
from civicgraph.graph.edges.ties.lines import TieLine
from civicgraph.graph.identity.mention_lines import Rank, SourceMention
from civicgraph.graph.measures.concentration import hhi, shares
from civicgraph.graph.measures.dependence import dependences, partner_totals, sole_supplies, spread, totals
from civicgraph.graph.measures.party_figures import party_figures
from civicgraph.graph.measures.structure import betweenness_of, graph_of, pagerank_of, pivots_of
from civicgraph.graph.snapshot.snapshot import DataFolder, LoadedSource

BUYERS: Final = 400
SUPPLIERS: Final = 50_000
TIES: Final = 500_000
_BIN: Final = Path(sys.executable).parent
_SERVICES: Final = (
    *("payroll", "hr", "finance", "it-services", "desktop", "procurement", "software", "hosting"),
    *("networks", "cloud", "printing", "consulting"),
)


def ends(count: int, seed: int = 1) -> tuple[list[int], list[int], list[float]]:
    """Return buyers, suppliers and values of ties: few suppliers have many, and values span five orders."""
    chance = np.random.default_rng(seed)
    suppliers = (SUPPLIERS * chance.random(count) ** 3).astype(int)
    return chance.integers(BUYERS, size=count).tolist(), suppliers.tolist(), chance.lognormal(11, 2, count).tolist()


def rows(count: int) -> Iterator[Row]:
    """Yield ties row by row."""
    for number, (buyer, supplier, value) in enumerate(zip(*ends(count), strict=True)):
        names = (f"b/{buyer:03}", f"s/{supplier:05}")
        yield Row(f"c/{number}", "contract", *names, *names, 0, 0, value, "GBP", 1.0, None, "asserted", (), ())


def plainly(network: "nx.MultiDiGraph[str]") -> int:
    """Work out, by networkx and dictionaries, the share measures that `party_figures` has of suppliers and buyers."""
    done = len(dependences(network)) + len(sole_supplies(network))  # type: ignore[arg-type]
    for side in ("supplier", "buyer"):
        fractions = shares(totals(network, side))  # type: ignore[arg-type]
        edges = network.in_edges if side == "supplier" else network.out_edges
        for party in fractions:
            partners = shares(partner_totals(network, party, side))  # type: ignore[arg-type]
            hhi(partners.values())
            for over in ("services", "places"):
                hhi(shares(spread(network, party, side, over)).values())  # type: ignore[arg-type]
            done += len({key for _, _, key in edges(party, keys=True)})  # type: ignore[call-overload]
    return done


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds that this process computed."""
    started = time.process_time()
    work()
    return time.process_time() - started


def compare(pivots: int) -> None:
    """Print each measure against networkx."""
    ties = ties_of_rows(rows(TIES), Surroundings())
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for row in rows(TIES):
        network.add_edge(row.buyer, row.supplier, key=row.edge, weight=row.value, services=(), places=())
    scope = Scope(basis="value")

    def figures() -> None:
        found = select(ties, scope)
        for side in ("supplier", "buyer"):
            party_figures(found, side)  # type: ignore[arg-type]

    def records() -> None:
        found = select(ties, scope)
        for side in ("supplier", "buyer"):
            list(party_figures(found, side))  # type: ignore[arg-type]

    found = select(ties, scope)
    graph = graph_of(found.ties.buyer, found.ties.supplier, found.weight)
    simple = nx.Graph(network)
    measures: list[tuple[str, float, Callable[[], object], Callable[[], object]]] = [
        ("all share measures of all suppliers and buyers, as columns", 20, figures, lambda: plainly(network)),
        ("the same, and a record of each made", 20, records, lambda: plainly(network)),
        (
            "PageRank",
            15,
            lambda: pagerank_of(graph_of(found.ties.buyer, found.ties.supplier, found.weight), 1e-6),
            lambda: nx.pagerank(network),
        ),
        (
            f"betweenness, {pivots} pivots",
            10,
            lambda: betweenness_of(graph, pivots_of(len(graph), pivots)),
            lambda: nx.betweenness_centrality(simple, k=pivots, seed=1),
        ),
    ]
    print(f"{BUYERS} buyers, {SUPPLIERS:,} suppliers, {TIES:,} ties, {len(graph):,} of the parties met\n")
    print("| measure | ours, CPU s | networkx, CPU s | ratio | asked |\n|---|---:|---:|---:|---:|")
    for name, asked, ours, theirs in measures:
        ours()
        quick = min(seconds(ours) for _ in range(3))
        slow = seconds(theirs)
        print(f"| {name} | {quick:.2f} | {slow:.1f} | {slow / quick:.0f} | {asked} |", flush=True)


def contracts(folder: DataFolder, count: int) -> None:
    """Keep the ties of contracts in a data folder as a load keeps them, with no quads of theirs.

    Of 20 one has no value, of 50 one is guarded, of 25 one has two service types.
    """
    first = date(2015, 1, 1)
    with folder.writing() as writer, writer.draft() as draft:
        lines = (
            TieLine(
                f"contract/made-{number:07}",
                "contract",
                (f"organisation/gb-gov-{buyer:03}",),
                (f"organisation/gb-coh-{supplier:08}",),
                (first + timedelta(days=number % 3_600)).isoformat(),
                (first + timedelta(days=number % 3_600 + 90 + number % 1_700)).isoformat(),
                f"{value:.2f}" if number % 20 else "",
                "GBP" if number % 20 else "",
                "" if number % 50 else "framework-ceiling",
                tuple(_SERVICES[(number + more) % len(_SERVICES)] for more in range(1 + (number % 25 == 0))),
            )
            for number, (buyer, supplier, value) in enumerate(zip(*ends(count), strict=True))
        )
        for part in iter(lambda: "".join(line.text() for line in islice(lines, 20_000)), ""):
            draft.write_ties(part.encode())
        parties = [(f"gb-gov-{n:03}", f"GB-GOV-{n:03}", f"Council number {n}") for n in range(BUYERS)]
        parties += [(f"gb-coh-{n:08}", f"GB-COH-{n:08}", f"Supplier number {n} Ltd") for n in range(SUPPLIERS)]
        draft.write_mentions(
            SourceMention(f"organisation/{slug}", name, Rank.RECORDS, (identifier,))
            for slug, identifier, name in parties
        )
        writer.adopt(LoadedSource("made", "ocds", "Made contracts", draft.keep().digest, "2024-12-31"))
        writer.publish()


def answers(folder: Path, count: int) -> None:
    """Print how soon the command answers, and the server again."""
    started = time.process_time()
    contracts(DataFolder(folder), count)
    print(f"\n{count:,} contracts; their ties and parties are kept in {time.process_time() - started:.0f} CPU s\n")
    print("| question | seconds |\n|---|---:|")
    period = ["--from", "2018-04-01", "--to", "2019-03-31"]
    asked_of = [(by, basis, []) for by in ("supplier", "market", "buyer") for basis in ("value", "customers")]
    for by, basis, more in [*asked_of, ("market", "value", period), ("supplier", "value", period)]:
        command = [_BIN / "civicgraph", "concentration", "--by", by, "--basis", basis, *more, "--data", folder]
        took = timed(command)
        what = f"by {by}, basis {basis}{', in a year' if more else ''}"
        print(f"| the command, {what}: first, median of the next | {took[0]:.2f}, {took[1]:.2f} |")
    what_if = ["what-if", "fails", "Supplier number 7 Ltd", "--as-of", "2018-01-01"]
    took = timed([_BIN / "civicgraph", *what_if, "--data", folder])
    print(f"| the command, what if a supplier of thousands of contracts fails | {took[0]:.2f}, {took[1]:.2f} |")
    served = subprocess.Popen(
        [_BIN / "civicgraph", "serve", "--port", "0", "--data", folder], stderr=subprocess.PIPE, text=True
    )
    try:
        assert served.stderr is not None
        address = served.stderr.readline().partition(" at ")[2].partition(" ")[0]
        for by in ("market", "supplier"):
            url = f"{address}concentration.json?by={by}&basis=value"
            took = [asked(url) for _ in range(22)]
            again = statistics.median(took[2:])
            print(f"| over HTTP, by {by}: first, median of 20 repeated | {took[0]:.3f}, {again:.3f} |")
    finally:
        served.terminate()
        served.wait()


def timed(command: Sequence[str | Path]) -> tuple[float, float]:
    """Return how long a command takes, the first time and in the median of the next two."""
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - begun)
    return took[0], statistics.median(took[1:])


def asked(url: str) -> float:
    """Return how long an address takes to answer in whole."""
    begun = time.perf_counter()
    with urllib.request.urlopen(url) as response:  # noqa: S310 - of the server that was just started
        content = response.read()
    took = time.perf_counter() - begun
    assert json.loads(content)
    return took


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of one run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contracts", type=int, default=1_000_000, help="how many contracts to answer over")
    parser.add_argument("--pivots", type=int, default=64, help="pivots of betweenness")
    parser.add_argument("--only", choices=("compare", "answers"), help="one of the two parts")
    options = parser.parse_args(arguments)
    if options.only != "answers":
        compare(options.pivots)
    if options.only != "compare":
        with tempfile.TemporaryDirectory() as name:
            answers(Path(name) / "data", options.contracts)
    print(f"\nload average {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
