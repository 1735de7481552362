"""Sums as SPARQL aggregates of a server, against the columns of ties that measures use.

One `GROUP BY` gives what each supplier has, in all, by service type or by buyer: contracts in pounds, unguarded, split
evenly between the pairs of their parties, which is what `select` weighs without a period. The same sums are worked out
from the columns, of which the first time is with fetching them. Each as a process of its own.
Run: python benchmarks/aggregates.py LOCATION, the folder of an Oxigraph store that holds contracts.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from commands import run
from serving_store import oxigraph

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.selection import select
from civicgraph.graph.engine.remote.http import Address, Connection
from civicgraph.graph.measures.concentration import fractions_of, hhi
from civicgraph.graph.snapshot.remote.folder import RemoteFolder

_QUERY = """SELECT {groups} (SUM(?part) AS ?sum) (COUNT(*) AS ?ties) WHERE {{
  {{ SELECT ?tie (COUNT(*) AS ?pairs) WHERE {{ ?tie a cg:Contract ; cg:buyer ?b ; cg:supplier ?s }} GROUP BY ?tie }}
  ?tie cg:buyer ?buyer ; cg:supplier ?supplier ; cg:awardedValue ?value ; cg:currency "GBP" {more}.
  FILTER NOT EXISTS {{ ?tie cg:guard ?guard }}
  BIND (?value / ?pairs AS ?part)
}} GROUP BY {groups}"""
_ASKED = {
    "supplier": ("?supplier", ""),
    "supplier, by market": ("?type ?supplier", "; cg:serviceType ?type "),
    "supplier, by buyer": ("?buyer ?supplier", ""),
}


def one(way: str, asked: str, folder: Path, url: str) -> None:
    """Work the sums out one way, and print how many groups there are, their sum and their index; for a process."""
    remote = RemoteFolder(folder, Connection(Address.read(url), timeout=3600))
    if way == "aggregate":
        groups, more = _ASKED[asked]
        with remote.open() as snapshot:
            sparql = _QUERY.format(groups=groups, more=more)
            sums = np.array([float(row["sum"].value) for row in snapshot.engine.select(sparql) if row["sum"]])
    else:
        with remote.ties() as ties:
            chosen = select(ties, Scope(basis="value"))
            keys, weight = chosen.ties.supplier.astype(np.int64), chosen.weight
            if "buyer" in asked:
                keys = keys << 32 | chosen.ties.buyer
            if "market" in asked:
                rows = chosen.ties.services.rows()
                keys, weight = keys[rows] << 32 | chosen.ties.services.codes, weight[rows]
            _, codes = np.unique(keys, return_inverse=True)
            sums = np.bincount(codes, weights=weight)
    sums.sort()
    digest = hash(sums.tobytes()) & 0xFFFFFFFF
    print(f"{len(sums)} {sums.sum():.6f} {hhi(fractions_of(sums))} {digest:08x}")


def main() -> None:
    """Print a row for each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("location", type=Path, help="the folder of an Oxigraph store")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        way, asked, folder, url = options.one
        one(way, asked, Path(folder), url)
        return
    os.environ["PYTHONHASHSEED"] = "0"
    heads = "s | CPU s of the server | MB that travel | MB here | MB of the server | groups | index | sum | digest"
    print(f"| sums by | way | {heads} |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---|")
    for asked in _ASKED:
        for way in ("aggregate", "columns, first", "columns, again"):
            with tempfile.TemporaryDirectory() as other, oxigraph(options.location) as server:
                folder = Path(other)
                if way == "columns, again":
                    subprocess.run(_command("columns", asked, folder, server.query), check=True, capture_output=True)
                # What a server is, is found once and kept: that is not measured.
                RemoteFolder(folder, Connection(Address.read(server.query), timeout=3600)).server.abilities  # noqa: B018
                before, cpu = server.bytes, server.cpu()
                took = run(*_command(way.partition(",")[0], asked, folder, server.query))
                groups, total, index, digest = took.output.split()
                travelled = (server.bytes - before) / 1e6
                print(
                    f"| {asked} | {way} | {took.seconds:.1f} | {server.cpu() - cpu:.1f} | {travelled:.1f} | "
                    f"{took.megabytes:.0f} | {server.megabytes():.0f} | {int(groups):,} | {index.decode()} | "
                    f"{total.decode()} | {digest.decode()} |",
                    flush=True,
                )
    print(f"\nload average {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")


def _command(way: str, asked: str, folder: Path, url: str) -> list[str]:
    return [sys.executable, __file__, ".", "--one", way, asked, str(folder), url]


if __name__ == "__main__":
    main()
