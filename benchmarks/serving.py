"""SPARQL over HTTP against the Oxigraph server and pyoxigraph in process, in one run over the same million triples.

    python benchmarks/serving.py [--triples N] [--seconds S]

Look-ups are asked by eight client processes over kept connections. `distinct` are all different, `repeated` one of a
hundred. Times are the best of three.
"""

import argparse
import multiprocessing
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import Pool
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import QueryResultsFormat, RdfFormat, Store

CLIENTS = 8
DECIMAL = "http://www.w3.org/2001/XMLSchema#decimal"
TOKEN = "of-the-benchmark"  # noqa: S105 - a server of this benchmark alone takes it
AGGREGATE = (
    "SELECT ?name (SUM(?v) AS ?total) { ?c <http://e/buyer> ?b ; <http://e/value> ?v . ?b <http://e/name> ?name }"
    " GROUP BY ?name"
)
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


def ask_for_a_while(job: tuple[int, str, int, float]) -> int:
    """Ask look-ups over one connection for so many seconds; return how many were answered."""
    port, path, different, seconds = job
    chance = random.Random(os.getpid())  # noqa: S311
    answered, ends = 0, time.perf_counter() + seconds
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.perf_counter() < ends:
            query = quote(f"SELECT ?p ?o {{ <http://e/c/{chance.randrange(different)}> ?p ?o }}")
            connection.sendall(f"GET {path}?query={query} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n".encode())
            content = b""
            while not is_whole(content):
                content += connection.recv(1 << 16)
            assert b" 200 " in content[:20], content[:200]
            answered += 1
    return answered


def is_whole(content: bytes) -> bool:
    """Return whether a response has come to its end."""
    head, found, body = content.partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return body.endswith(b"0\r\n\r\n")


def rate(pool: Pool, port: int, path: str, different: int, seconds: float) -> float:
    """Return look-ups a second of all clients together."""
    return sum(pool.map(ask_for_a_while, [(port, path, different, seconds)] * CLIENTS)) / seconds


def aggregate_in_process(parts: list[bytes]) -> float:
    """Return the seconds that the aggregate takes in this process; its store goes with the end of this."""
    store = Store()
    for part in parts:
        store.load(part, RdfFormat.N_TRIPLES)
    return min(timed(lambda: store.query(AGGREGATE).serialize(format=QueryResultsFormat.JSON)) for _ in range(3))


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=3.0)
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
    print(f"| pyoxigraph in process | {in_process:.2f} | - | - | - | - |")
    folder = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as empty, multiprocessing.get_context("spawn").Pool(CLIENTS) as pool:
        for name, words, port, path, adding in (
            (
                "civicgraph serve",
                [str(folder / "civicgraph"), "serve", "--store", "memory", "--port", "7871"],
                7871,
                "/sparql",
                "/graph-store?default",
            ),
            (
                "oxigraph serve",
                [str(folder / "oxigraph"), "serve", "--bind", "127.0.0.1:7872"],
                7872,
                "/query",
                "/store?default",
            ),
        ):
            os.chdir(empty)
            with served(words, port) as url:
                for part in parts:
                    post(url + adding, part)
                ask = f"{url}{path}?query="
                aggregate = min(read_whole(f"{ask}{quote(AGGREGATE + ' #' * n)}")[1] for n in range(3))
                rows = [read_whole(f"{ask}{quote(ROWS + ' #' * n)}") for n in range(3)]
                distinct = rate(pool, port, path, (options.triples - 400) // 4, options.seconds)
                repeated = rate(pool, port, path, 100, options.seconds)
                first, whole = min(one for one, _ in rows) * 1000, min(one for _, one in rows)
                print(f"| {name} | {aggregate:.2f} | {whole:.2f} | {first:.0f} | {distinct:,.0f} | {repeated:,.0f} |")


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
