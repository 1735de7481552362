"""How soon figures come over a loaded snapshot: by the command, by hand in DuckDB and in networkx, and over HTTP.

Each command is a process of its own. The peers are processes too, and give less than the command does: one groups the
edge table by a query of its own, the other makes a networkx graph of the same scope and adds up with dictionaries, as
an analyst would. Both work out the total, share and HHI over partners of every party.
Run: python benchmarks/measures.py DATA [--runs N]
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Final

from commands import BIN, Run, run

PORT: Final = 7875
ASKED: Final = (
    ("--by", "supplier", "--basis", "value"),
    ("--by", "supplier", "--basis", "customers"),
    ("--by", "market", "--basis", "value"),
    ("--by", "buyer", "--basis", "value"),
    ("--by", "supplier", "--basis", "value", "--from", "2018-04-01", "--to", "2019-03-31"),
)
BY_HAND: Final = """
import sys
import duckdb
table, own, other = sys.argv[1:]
duckdb.connect(table, read_only=True).sql(f'''COPY (
WITH pair AS (
    SELECT {own} AS own, {other} AS other, sum(amount_e4)::DOUBLE AS weight FROM edge
    WHERE kind = 'contract' AND NOT planned AND guard IS NULL AND NOT collective AND supplier IS NOT NULL
        AND currency = 'GBP' AND amount_e4 IS NOT NULL
    GROUP BY ALL
)
SELECT iri, name, sum(weight) AS total, total / sum(total) OVER () AS share, count(*) AS others,
    10000 * sum(weight * weight) FILTER (weight > 0) / sum(weight) FILTER (weight > 0) ** 2 AS hhi
FROM pair JOIN party ON party = own GROUP BY iri, name ORDER BY total DESC
) TO '/dev/stdout' (FORMAT csv)''')
"""
BY_HAND_MARKETS: Final = """
import sys
import duckdb
duckdb.connect(sys.argv[1], read_only=True).sql('''COPY (
WITH cell AS (
    SELECT service, buyer, supplier, entry, amount_e4::DOUBLE AS weight FROM edge
    WHERE kind = 'contract' AND NOT planned AND guard IS NULL AND NOT collective AND supplier IS NOT NULL
        AND currency = 'GBP' AND amount_e4 IS NOT NULL
), cells AS (
    SELECT -1 AS market, * FROM cell UNION ALL SELECT broader, cell.* FROM cell JOIN under ON thing = service
), totals AS (SELECT market, supplier, sum(weight) AS weight FROM cells GROUP BY ALL),
counts AS (SELECT market, count(DISTINCT buyer) AS buyers, count(DISTINCT entry) AS contracts FROM cells GROUP BY ALL),
ranked AS (SELECT *, row_number() OVER (PARTITION BY market ORDER BY weight DESC) AS rank FROM totals)
SELECT market, name, buyers, contracts, sum(weight) / 10000 AS total, count(*) AS suppliers,
    10000 * sum(weight * weight) / sum(weight) ** 2 AS hhi, sum(weight) FILTER (rank <= 4) / sum(weight) AS cr4
FROM ranked JOIN counts USING (market) LEFT JOIN thing ON thing = market GROUP BY ALL ORDER BY hhi DESC
) TO '/dev/stdout' (FORMAT csv)''')
"""
PEER: Final = """
import sys
from collections import Counter, defaultdict
from civicgraph.graph import open_folder
with open_folder(sys.argv[1]) as data:
    graph = data.network(basis=sys.argv[2])
for side in (0, 1):
    partners = defaultdict(Counter)
    for edge in graph.edges(data=True):
        partners[edge[side]][edge[1 - side]] += edge[2].get("weight") or 0
    totals = {party: sum(found.values()) for party, found in partners.items()}
    whole = sum(totals.values())
    shares = {party: total / whole for party, total in totals.items()} if whole else {}
    print(side, len(shares), 10_000 * sum(share * share for share in shares.values()))
    for party, found in partners.items():
        if totals[party]:
            sum((part / totals[party]) ** 2 for part in found.values())
"""


def middle(count: int, *command: str | Path) -> Run:
    """Return the run of a command that took the middle time of several."""
    return sorted((run(*command) for _ in range(count)), key=lambda one: one.seconds)[count // 2]


def cells(one: Run) -> str:
    """Return a run as cells of a table."""
    return f"{one.seconds:.2f} | {one.cpu:.2f} | {one.megabytes:.0f}"


def over_http(by: str) -> tuple[float, float]:
    """Return the seconds of the first answer, and of the middle of 20 more."""
    times = []
    for _ in range(21):
        began = time.perf_counter()
        urllib.request.urlopen(f"http://127.0.0.1:{PORT}/concentration.csv?by={by}&basis=value").read()
        times.append(time.perf_counter() - began)
    return times[0], statistics.median(times[1:])


def main() -> None:
    """Print the figures of one run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    print("| | seconds | CPU seconds | peak memory, MB |\n|---|---:|---:|---:|")
    for words in ASKED:
        command = (BIN / "civicgraph", "concentration", *words, "--format", "csv", "--data", asked.data)
        print(f"| concentration {' '.join(words)} | {cells(middle(asked.runs, *command))} |", flush=True)
    for own, other in (("supplier", "buyer"), ("buyer", "supplier")):
        hand = middle(asked.runs, sys.executable, "-c", BY_HAND, asked.data / "current" / "edges.duckdb", own, other)
        print(f"| DuckDB by hand, value by {own} | {cells(hand)} |", flush=True)
    hand = middle(asked.runs, sys.executable, "-c", BY_HAND_MARKETS, asked.data / "current" / "edges.duckdb")
    print(f"| DuckDB by hand, value by market | {cells(hand)} |", flush=True)
    for basis in ("value", "customers"):
        peer = middle(asked.runs, sys.executable, "-c", PEER, asked.data, basis)
        print(f"| networkx and dictionaries, basis {basis} | {cells(peer)} |", flush=True)
    serve = [BIN / "civicgraph", "serve", "--data", asked.data, "--port", str(PORT)]
    with subprocess.Popen(serve, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        server.stderr.readline()
        try:
            for by in ("market", "supplier"):
                first, again = over_http(by)
                print(f"| over HTTP, by {by}: first, middle of 20 repeated | {first:.3f}, {again:.3f} | | |")
        finally:
            server.terminate()
    print(f"\nload average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
