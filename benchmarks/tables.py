"""Pages of tables over HTTP, from a made snapshot of a million contracts: the first, and later ones.

    python benchmarks/tables.py [--contracts N] [--data DIR]

The snapshot is written as a load writes it, without what a load does before: a name, parties, value and days of each
contract in the edge table; in a folder that is kept, where one is named, and used again. Times are of whole requests
over a kept connection, answers not from the cache.
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
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote, urlsplit

from pyoxigraph import Store

from civicgraph.graph.records.iris import BASE
from civicgraph.graph.records.rows import contract_row
from civicgraph.graph.records.types import ContractRecord
from civicgraph.graph.snapshot.derive import Parts, build
from civicgraph.graph.snapshot.manifest import Manifest
from civicgraph.graph.snapshot.source_files import SourceDraft
from civicgraph.ontology.terms import CG, CG_NS

PORT = 7873
BUYERS, SUPPLIERS = 400, 50_000
_SERVICES = ("crm", "erp", "hosting", "network", "it-support", "telephony", "housing-system", "library-system")
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"


def lines(count: int) -> Iterator[str]:
    """Yield contracts as lines for the edge table."""
    chance = random.Random(1)  # noqa: S311 - made data
    first = date(2015, 1, 1).toordinal()
    for number in range(count):
        begins = first + chance.randrange(4000)
        title = f"Contract {number:07} for services"
        contract = ContractRecord(f"made-{number:07}", title, (), (), "")._replace(
            value=Decimal(f"{chance.lognormvariate(11, 2):.2f}"),
            currency="GBP",
            start=date.fromordinal(begins),
            end=date.fromordinal(begins + 400),
            services=(chance.choice(_SERVICES),),
            guard=None if number % 50 else "framework-ceiling",
        )
        buyer = f"organisation/buyer-{chance.randrange(BUYERS)}"
        supplier = f"organisation/supplier-{int(SUPPLIERS * chance.random() ** 3)}"
        yield contract_row(contract, (buyer,), (supplier,))


def quads() -> Iterator[str]:
    """Yield what a graph says of the parties, as N-Quads."""
    graph = f"<{CG.established}> .\n"
    for kind, count in (("buyer", BUYERS), ("supplier", SUPPLIERS)):
        for number in range(count):
            iri = f"<{BASE}organisation/{kind}-{number}>"
            yield f'{iri} {_LABEL} "The {kind} number {number}" {graph}'
            yield f"{iri} {_TYPE} <{CG_NS}Organisation> {graph}"


def make_snapshot(data: Path, count: int) -> None:
    """Write a snapshot of so many contracts: the edge table, and a graph of the ontology and the parties alone."""
    folder = data / "snapshots" / "made"
    folder.mkdir(parents=True)
    store = Store(str(folder / "store"))
    with SourceDraft(data / "sources") as draft:
        draft.write_quads(quads())
        parties = draft.keep()
    with SourceDraft(data / "sources") as draft:
        for line in lines(count):
            draft.write_rows(line.encode())
        made = replace(draft.keep(), id="made")
    build(store, Parts(stated=(), records=(parties, made), latest="2026-01-01"), folder)
    store.flush()
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
        words: list[str | Path] = [
            Path(sys.executable).with_name("civicgraph"),
            "serve",
            "--data",
            data,
            "--port",
            str(PORT),
        ]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as server:
            try:
                _measure(options.contracts)
            finally:
                server.terminate()


def _measure(contracts: int) -> None:
    connection = _connected()
    print(f"{contracts:,} contracts; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| table | first page, ms | next 200, median | slowest | far on, median of 20 | of one supplier |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in ("contracts", "dependencies"):
        path = f"/tables/{name}.json"
        # Five addresses, one page: none is the cache's.
        firsts = [timed(connection, f"{path}?_size={1000 - n}")[0] for n in range(5)]
        _, body, following = timed(connection, path)
        times: list[float] = []
        while following is not None and len(times) < 200:
            took, body, following = timed(connection, following)
            times.append(took)
        supplier = quote(json.loads(body)[0]["supplier_iri"])
        places = (int(contracts * (0.5 + n / 50)) for n in range(20))
        far = [timed(connection, f"{path}?_next=made~{place}")[0] for place in places]
        one = [timed(connection, f"{path}?supplier={supplier}&_size={1000 - n}")[0] for n in range(5)]
        cells = (statistics.median(firsts), statistics.median(times), max(times), *map(statistics.median, (far, one)))
        print(f"| {name} | {' | '.join(f'{cell:.1f}' for cell in cells)} |", flush=True)


def _connected() -> http.client.HTTPConnection:
    """Return a connection to the server, once it answers."""
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", PORT)
        try:
            timed(connection, "/tables/sources.json")
        except OSError:
            time.sleep(0.2)
        else:
            return connection


if __name__ == "__main__":
    main()
