"""Pages of tables over HTTP, from a made snapshot of a million contracts: the first, and later ones.

    python benchmarks/tables.py [--contracts N] [--data DIR]

The snapshot is written as a load writes it, without what a load does before: a name, parties, value and days of each
contract, and its ties; in a folder that is kept, where one is named, and used again. Times are of whole requests over a
kept connection, answers not from the cache.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote, urlsplit

from pyoxigraph import RdfFormat, Store

from civicgraph.graph.edges.surroundings import surroundings
from civicgraph.graph.edges.ties.build import Row, ties_of_rows
from civicgraph.graph.edges.ties.files import write_ties
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.snapshot.manifest import Manifest
from civicgraph.ontology.terms import CG, CG_NS

PORT = 7873
BUYERS, SUPPLIERS = 400, 50_000
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
_XSD = "http://www.w3.org/2001/XMLSchema#"


def rows(count: int) -> Iterator[Row]:
    """Yield contracts as ties."""
    chance = random.Random(1)  # noqa: S311 - made data
    first = date(2015, 1, 1).toordinal()
    for number in range(count):
        buyer = f"{BASE}organisation/buyer-{chance.randrange(BUYERS)}"
        supplier = f"{BASE}organisation/supplier-{int(SUPPLIERS * chance.random() ** 3)}"
        start = first + chance.randrange(4000)
        edge, value = f"{BASE}contract/made-{number:07}", round(chance.lognormvariate(11, 2), 2)
        parties = (buyer, supplier, buyer, supplier)
        yield Row(edge, "contract", *parties, start, start + 400, value, "GBP", 1.0, None, "asserted", (), ())


def quads(made: Iterator[Row]) -> Iterator[str]:
    """Yield what a graph says of contracts, as N-Quads."""
    graph = f"<{CG.established}> .\n"
    for kind, count in (("buyer", BUYERS), ("supplier", SUPPLIERS)):
        for number in range(count):
            iri = f"<{BASE}organisation/{kind}-{number}>"
            yield f'{iri} {_LABEL} "The {kind} number {number}" {graph}'
            yield f"{iri} {_TYPE} <{CG_NS}Organisation> {graph}"
    for row in made:
        iri = f"<{row.edge}>"
        yield f"{iri} {_TYPE} <{CG_NS}Contract> {graph}"
        yield f'{iri} {_LABEL} "Contract {row.edge[-7:]} for services" {graph}'
        yield f"{iri} <{CG_NS}buyer> <{row.buyer}> {graph}"
        yield f"{iri} <{CG_NS}supplier> <{row.supplier}> {graph}"
        yield f'{iri} <{CG_NS}awardedValue> "{row.value}"^^<{_XSD}decimal> {graph}'
        yield f'{iri} <{CG_NS}currency> "GBP" {graph}'
        for name, day in (("start", row.start), ("end", row.end)):
            yield f'{iri} <{CG_NS}{name}> "{date.fromordinal(day).isoformat()}"^^<{_XSD}date> {graph}'


def make_snapshot(data: Path, count: int) -> None:
    """Write a snapshot of so many contracts."""
    folder, lines = data / "snapshots" / "made", data / "quads.nq"
    folder.mkdir(parents=True)
    with lines.open("w", encoding="utf-8") as file:
        file.writelines(quads(rows(count)))
    store = Store(str(folder / "store"))
    store.bulk_load(path=lines, format=RdfFormat.N_QUADS)
    store.flush()
    write_ties(ties_of_rows(rows(count), surroundings(EmbeddedEngine(store, "made"))), folder)
    (folder / "readers").touch()
    (folder / "manifest.json").write_text(Manifest("made", (), len(store)).text(), encoding="utf-8")
    (data / "current").symlink_to(Path("snapshots") / "made")


def timed(connection: http.client.HTTPConnection, path: str) -> tuple[float, bytes, str | None]:
    """Return the milliseconds of a request, the body, and where the next page is."""
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body[:300]
    link = answer.headers.get("Link")
    following = None if link is None else urlsplit(link.partition(">")[0][1:])
    return (
        (time.perf_counter() - began) * 1000,
        body,
        None if following is None else f"{following.path}?{following.query}",
    )


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data: Path = options.data or Path(folder)
        if not (data / "current").exists():
            make_snapshot(data, options.contracts)
        words = [Path(sys.executable).with_name("civicgraph"), "serve", "--data", data, "--port", str(PORT)]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as server:
            began = time.perf_counter()
            files = [data / f"current/tables-1/{name}.sqlite" for name in ("contracts", "dependencies")]
            while not all(file.exists() for file in files):
                time.sleep(0.5)
            print(f"{options.contracts:,} contracts; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            print(f"both tables were there {time.perf_counter() - began:.0f} s after the server was started\n")
            print("| table | first page, ms | next 200, median | slowest | far on, median of 20 | of one supplier |")
            print("|---|---:|---:|---:|---:|---:|")
            connection = http.client.HTTPConnection("127.0.0.1", PORT)
            for name in ("contracts", "dependencies"):
                path = f"/tables/{name}.json"
                # Five addresses, one page: none is the cache's.
                firsts = [timed(connection, f"{path}?_size={1000 - n}") for n in range(5)]
                following: str | None = timed(connection, path)[2]
                times: list[float] = []
                while following is not None and len(times) < 200:
                    took, body, following = timed(connection, following)
                    times.append(took)
                supplier = json.loads(body)[0]["supplier"]
                far = [timed(connection, f"{path}?_next={quote(_far(name, n))}")[0] for n in range(20)]
                one = statistics.median(
                    timed(connection, f"{path}?supplier={quote(supplier)}&_size={1000 - n}")[0] for n in range(5)
                )
                first = statistics.median(took for took, _, _ in firsts)
                cells = (first, statistics.median(times), max(times), statistics.median(far), one)
                print(f"| {name} | {' | '.join(f'{cell:.1f}' for cell in cells)} |", flush=True)
            server.terminate()


def _far(name: str, number: int) -> str:
    if name == "contracts":
        return f"{BASE}contract/made-{900_000 + number * 1000:07}"
    return f"The buyer number {70 + number}"


if __name__ == "__main__":
    main()
