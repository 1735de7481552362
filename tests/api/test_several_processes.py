"""Several processes at one address: they share what is held, what is counted and what a client may ask."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_claims

Serve = Callable[..., tuple[subprocess.Popen[str], str]]

TOKEN = "of-the-test"  # noqa: S105 - of a server of this test
COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
ADD = "INSERT DATA { <https://example.org/%d> <https://example.org/p> 1 }"


@pytest.fixture(autouse=True)
def told_apart() -> None:
    if not Path("/proc/self/task").is_dir():
        pytest.skip("only /proc tells the children of a process")


def below(pid: int) -> dict[int, str]:
    """Return the command lines of the processes below one."""
    found: dict[int, str] = {}
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found[child] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
                found |= below(child)
    except FileNotFoundError:
        return found  # it ended meanwhile
    return found


def answering(pid: int) -> list[int]:
    return [child for child, words in below(pid).items() if "civicgraph.api.server.processes" in words]


def ask_of_each(url: str, processes: int, path: str, count: int = 4) -> list[httpx2.Response]:
    """Ask over many connections at once, so that each process has some."""

    def ask(number: int) -> list[httpx2.Response]:
        with httpx2.Client(base_url=url, timeout=60) as client:
            return [client.get(path.replace("NUMBER", f"{number}-{n}")) for n in range(count)]

    with ThreadPoolExecutor(4 * processes) as several:
        return [answer for answers in several.map(ask, range(4 * processes)) for answer in answers]


def counted(url: str) -> float:
    """Return how many queries were answered, all processes together."""
    done = re.search(r'^civicgraph_queries_total\{end="done"\} (\S+)$', httpx2.get(f"{url}/metrics").text, re.MULTILINE)
    assert done is not None
    return float(done[1])


def test_processes_share_a_snapshot_and_a_change(
    serve: Serve, data: Path, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVICGRAPH_TOKEN", TOKEN)
    running, url = serve(data, "--processes", "2", "--workers", "2")
    assert {answer.status_code for answer in ask_of_each(url, 2, f"/sparql?query={COUNT} %23NUMBER")} == {200}
    assert len(answering(running.pid)) == 2
    nurseries = [words for words in below(running.pid).values() if "holder import main" in words]
    # The nursery, one holder for both, and no more than a worker for each of them.
    assert 3 <= len(nurseries) <= 4
    manifest = load_claims(DataFolder(data), [files / "hostile.yaml"]).manifest
    assert manifest is not None
    loaded = ask_of_each(url, 2, f"/sparql?query={COUNT} %23NUMBER")
    assert {answer.headers["etag"] for answer in loaded} == {f'W/"{manifest.version}"'}

    def change(number: int) -> int:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        sent = httpx2.post(f"{url}/update", data={"update": ADD % number}, headers=headers, timeout=60)
        return sent.status_code

    # Changes that come to different processes at once wait for one another.
    with ThreadPoolExecutor(4) as four:
        assert list(four.map(change, range(8))) == [204] * 8
    found = ask_of_each(url, 2, "/sparql?query=SELECT ?s { ?s <https://example.org/p> 1 } %23NUMBER", 1)
    assert {len(answer.json()["results"]["bindings"]) for answer in found} == {8}
    assert "civicgraph_processes 2.0" in httpx2.get(f"{url}/metrics").text
    # A query is counted once its answer has gone out.
    for _ in range(1000):
        if counted(url) >= 32 + 32 + 8:
            break
        time.sleep(0.01)
    assert counted(url) == 32 + 32 + 8


def test_clients_rate_is_one_for_all_processes(serve: Serve, small_data: Path) -> None:
    _, url = serve(small_data, "--processes", "2", "--rate", "0.1")
    statuses = [answer.status_code for answer in ask_of_each(url, 2, "/ontology", 5)]
    assert set(statuses) == {200, 429}
    assert statuses.count(200) < 20  # one, and one more for each ten seconds that this took


def test_one_that_ends_is_replaced_and_all_end_together(serve: Serve, small_data: Path) -> None:
    running, url = serve(small_data, "--processes", "2", "--workers", "2")
    ask_of_each(url, 2, f"/sparql?query={COUNT} %23NUMBER", 1)
    first, second = answering(running.pid)
    os.kill(first, signal.SIGKILL)
    while len(now := answering(running.pid)) < 2 or first in now:
        time.sleep(0.01)
    assert second in now
    assert {answer.status_code for answer in ask_of_each(url, 2, f"/sparql?query={COUNT} %23NUMBER", 1)} == {200}
    everything = below(running.pid)
    running.terminate()
    running.communicate()
    assert running.returncode == -signal.SIGTERM
    while any(Path(f"/proc/{pid}").exists() for pid in everything):
        time.sleep(0.01)


def test_store_in_memory_has_one_process(start: Callable[..., subprocess.Popen[str]]) -> None:
    refused = start("serve", "--store", "memory", "--processes", "2")
    _, err = refused.communicate()
    assert refused.returncode == 2
    assert "a store in memory is served by one process" in err
