"""What a normal client waits while eight others abuse the server, and what memory that takes.

    python -m benchmarks.abuse

The requests are those of `tests/api/test_abuse.py`; a query may take two seconds. The normal client asks a look-up
fifty times a second, each with another comment, so that none is the cache's.
"""

import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_claims
from tests.api.test_abuse import LOOK_UP, abusive, proportional_memory

PORT = 7874
FILES = Path(__file__).parents[1] / "tests/api/files"


def main() -> None:
    """Run the benchmark and print its figures."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        load_claims(DataFolder(data), [FILES / "small.yaml"])
        words: list[str | Path] = [
            Path(sys.executable).with_name("civicgraph"),
            "serve",
            "--data",
            data,
            "--port",
            str(PORT),
        ]
        with subprocess.Popen([*words, "--timeout", "2"], stderr=subprocess.DEVNULL) as server:
            url = f"http://127.0.0.1:{PORT}"
            while True:
                try:
                    httpx2.get(f"{url}/tables/dependencies.json", timeout=60)
                    break
                except httpx2.ConnectError:
                    time.sleep(0.1)
            calm = waits(url, threading.Event(), 100)
            before = proportional_memory(server.pid)
            done = threading.Event()
            with ThreadPoolExecutor(1) as normal, ThreadPoolExecutor(8) as eight:
                waiting = normal.submit(waits, url, done, 1_000_000)
                began = time.perf_counter()
                sent = abusive(url, 1)
                list(eight.map(send, sent))
                took = time.perf_counter() - began
                done.set()
                abused = waiting.result()
            time.sleep(1)
            print(f"{len(sent)} abusive requests, 8 at a time, in {took:.0f} s; {len(abused)} look-ups meanwhile")
            for name, found in (("alone", calm), ("meanwhile", abused)):
                ordered = sorted(found)
                print(f"a look-up {name}: median {ordered[len(ordered) // 2]:.0f} ms, worst {ordered[-1]:.0f} ms")
            print(f"memory: {before:.0f} MB before, {proportional_memory(server.pid):.0f} MB after")
            server.terminate()


def send(request: tuple[str, str, dict[str, object]]) -> None:
    """Send a request and read a part of what comes."""
    method, address, options = request
    with httpx2.Client(timeout=600) as client:
        try:
            with client.stream(method, address, **options) as answer:  # type: ignore[arg-type] # as the test has them
                for _ in zip(range(50), answer.iter_raw(), strict=False):
                    pass
        except httpx2.RemoteProtocolError:
            return  # what was cut off had begun


def waits(url: str, done: threading.Event, most: int) -> list[float]:
    """Return the milliseconds of each look-up of a normal client; all of them are answered."""
    found: list[float] = []
    with httpx2.Client(base_url=url, timeout=60) as client:
        while not done.is_set() and len(found) < most:
            began = time.perf_counter()
            client.get("/sparql", params={"query": f"{LOOK_UP} # {time.time_ns()}"}).raise_for_status()
            found.append((time.perf_counter() - began) * 1000)
            time.sleep(0.02)
    return found


if __name__ == "__main__":
    main()
