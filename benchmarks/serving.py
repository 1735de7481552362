"""SPARQL over HTTP against the Oxigraph server and pyoxigraph in process, in one run over the same million triples.

    python benchmarks/serving.py [--triples N] [--seconds S] [--peer]

Look-ups are asked by eight client processes over kept connections, which do no more than write bytes and read bytes,
and begin together once all of them have made their requests: the clients share the machine with the server, and what
they take it cannot have. `distinct` are all different,
`repeated` one of a hundred. Times are the best of three. civicgraph serves a data folder that was loaded, with `--store
memory`, so that it does not answer from disk while the snapshot is read into memory. `--peer` also measures
rdflib-endpoint, installed in a virtual environment that goes with the run.
"""

import argparse
import contextlib
import multiprocessing
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import Pool
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store

CLIENTS = 8
DECIMAL = "http://www.w3.org/2001/XMLSchema#decimal"
TOKEN = "of-the-benchmark"  # noqa: S105 - a server of this benchmark alone takes it
AGGREGATE = (
    "SELECT ?name (SUM(?v) AS ?total) { ?c <http://e/buyer> ?b ; <http://e/value> ?v . ?b <http://e/name> ?name }"
    " GROUP BY ?name"
)
meeting: list[Barrier] = []
ROWS = "SELECT ?c ?v { ?c <http://e/value> ?v } LIMIT 120000"


def triples(count: int) -> Iterator[str]:
    """Yield N-Triples of contracts: four to a contract, and names of 400 buyers."""
    chance = random.Random(1)  # noqa: S311 - made data
    for number in range(400):
        yield f'<http://e/b/{number}> <http://e/name> "Buyer {number}" .\n'
    for number in range((count - 400) // 4):
        contract = f"<http://e/c/{number}>"
        yield f"{contract} <http://e/buyer> <http://e/b/{chance.randrange(400)}> .\n"
        yield f"{contract} <http://e/supplier> <http://e/s/{chance.randrange(50_000)}> .\n"
        yield f'{contract} <http://e/value> "{number}.5"^^<{DECIMAL}> .\n'
        yield f'{contract} <http://e/label> "Contract number {number}" .\n'


class Server(NamedTuple):
    """A server to be measured: how it is started, where it is asked and filled; and how often."""

    name: str
    words: list[str]
    path: str
    adding: str | None
    port_option: str | None = "--port"
    times: int = 3


@contextmanager
def served(words: list[str], port: int) -> Iterator[str]:
    """Run a server until the end of the block; give its address."""
    environment = {**os.environ, "CIVICGRAPH_TOKEN": TOKEN}
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def post(url: str, content: bytes) -> None:
    """Add N-Triples to a server."""
    headers = {"Content-Type": "application/n-triples", "Authorization": f"Bearer {TOKEN}"}
    with urllib.request.urlopen(urllib.request.Request(url, content, headers)) as answer:  # noqa: S310 - our own server
        answer.read()


def read_whole(url: str) -> tuple[float, float]:
    """Return the seconds to the first byte of an answer and to its end."""
    began = time.perf_counter()
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own server
        answer.read(1)
        first = time.perf_counter() - began
        while answer.read(1 << 16):
            pass
    return first, time.perf_counter() - began


def meet_at(barrier: Barrier) -> None:
    """Take note of where the clients wait for one another."""
    meeting.append(barrier)


def look_ups(job: tuple[int, str, int, float, int]) -> int:
    """Ask look-ups over one connection for so many seconds; return how many were answered."""
    port, path, different, seconds, seed = job
    chance = random.Random(seed)  # noqa: S311 - made data
    requests = []
    for _ in range(min(different, 50_000)):
        query = quote(f"SELECT ?p ?o {{ <http://e/c/{chance.randrange(different)}> ?p ?o }}")
        requests.append(f"GET {path}?query={query} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n".encode())
    meeting[0].wait()
    answered, ends = 0, time.perf_counter() + seconds
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.perf_counter() < ends:
            connection.sendall(requests[answered % len(requests)])
            content = connection.recv(1 << 16)
            assert content.startswith(b"HTTP/1.1 200"), content[:200]
            while not is_whole(content):
                content += connection.recv(1 << 16)
            answered += 1
    return answered


def is_whole(content: bytes) -> bool:
    """Return whether a response has come to its end."""
    head, found, body = content.partition(b"\r\n\r\n")
    length = head.lower().find(b"content-length:")
    if length < 0:
        return bool(found) and body.endswith(b"0\r\n\r\n")
    return bool(found) and len(body) >= int(head[length + 15 :].partition(b"\r")[0])


def clients() -> Pool:
    """Return the processes that ask."""
    context = multiprocessing.get_context("spawn")
    return context.Pool(CLIENTS, meet_at, (context.Barrier(CLIENTS),))


def rate(pool: Pool, port: int, path: str, different: int, seconds: float) -> float:
    """Return look-ups a second of all clients together."""
    seed = time.time_ns()  # no two rounds ask the same
    jobs = [(port, path, different, seconds, seed + n) for n in range(CLIENTS)]
    return sum(pool.map(look_ups, jobs, chunksize=1)) / seconds


def aggregate_in_process(parts: list[bytes]) -> float:
    """Return the seconds that the aggregate takes in this process; its store goes with the end of this."""
    store = Store()
    for part in parts:
        store.load(part, RdfFormat.N_TRIPLES)

    def ask() -> None:
        found = store.query(AGGREGATE)
        assert isinstance(found, QuerySolutions)
        found.serialize(format=QueryResultsFormat.JSON)

    return min(timed(ask) for _ in range(3))


def measured(pool: Pool, url: str, path: str, different: int, seconds: float, times: int = 3) -> str:
    """Return the cells of one server."""
    port, ask = int(url.rpartition(":")[2]), f"{url}{path}?query="
    aggregate = min(read_whole(f"{ask}{quote(AGGREGATE + ' #' * n)}")[1] for n in range(times))
    rows = [read_whole(f"{ask}{quote(ROWS + ' #' * n)}") for n in range(times)]
    distinct = rate(pool, port, path, different, seconds)
    repeated = rate(pool, port, path, 100, seconds)
    first, whole = min(one for one, _ in rows) * 1000, min(one for _, one in rows)
    return f"{aggregate:.2f} | {whole:.2f} | {first:.0f} | {distinct:,.0f} | {repeated:,.0f}"


def filled(url: str, adding: str, parts: list[bytes]) -> None:
    """Add all parts to a server."""
    for part in parts:
        post(url + adding, part)


def peer(folder: Path, parts: list[bytes]) -> list[str]:
    """Install rdflib-endpoint beside the project, and return the words that serve the triples with it."""
    (folder / "all.nt").write_bytes(b"".join(parts))
    venv.create(folder / "peer", with_pip=True)
    subprocess.run([folder / "peer/bin/pip", "install", "--quiet", "rdflib-endpoint[web]"], check=True)
    return [str(folder / "peer/bin/rdflib-endpoint"), "serve", "--host", "127.0.0.1", str(folder / "all.nt")]


def servers(options: argparse.Namespace, folder: Path, parts: list[bytes]) -> Iterator[Server]:
    """Yield the servers to be measured."""
    bin_, data = Path(sys.executable).parent, folder / "data"
    ours = [str(bin_ / "civicgraph"), "serve"]
    (folder / "all.nt").write_bytes(b"".join(parts))
    subprocess.run([bin_ / "civicgraph", "load", "rdf", folder / "all.nt", "--data", data], check=True)
    yield Server("civicgraph serve", [*ours, "--store", "memory", "--data", str(data)], "/sparql", None)
    words = [str(bin_ / "oxigraph"), "serve", "--bind", "127.0.0.1:7871"]
    yield Server("oxigraph serve", words, "/query", "/store?default", port_option=None)
    if options.peer:
        yield Server("rdflib-endpoint", peer(folder, parts), "/", None, times=1)


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--peer", action="store_true")
    options = parser.parse_args()
    content = "".join(triples(options.triples)).encode()
    parts, start = [], 0
    while start < len(content):
        end = content.find(b"\n", min(start + 30_000_000, len(content) - 1)) + 1
        parts.append(content[start:end])
        start = end
    in_process = aggregate_in_process(parts)
    print(f"{options.triples:,} triples; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| | aggregate, s | 120,000 rows, s | first byte, ms | distinct look-ups a second | repeated |")
    print("|---|---:|---:|---:|---:|---:|")
    print(f"| pyoxigraph in process | {in_process:.2f} | - | - | - | - |", flush=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        clients() as pool,
        contextlib.chdir(folder),
    ):
        pool.map(time.sleep, [0.01] * CLIENTS)  # until all of them have started
        for server in servers(options, Path(folder), parts):
            words = [*server.words, server.port_option, "7871"] if server.port_option else server.words
            with served(words, 7871) as url:
                if server.adding is not None:
                    filled(url, server.adding, parts)
                else:
                    read_whole(f"{url}{server.path}?query=ASK%7B%7D")  # it is answered once all is read
                cells = measured(pool, url, server.path, (options.triples - 400) // 4, options.seconds, server.times)
                print(f"| {server.name} | {cells} |", flush=True)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
