"""The command line as people start it: the demo, the server, pipes that close, ports that are taken."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_rdf

Start = Callable[..., subprocess.Popen[str]]
Serve = Callable[..., tuple[subprocess.Popen[str], str]]


def children(process: subprocess.Popen[str]) -> list[int]:
    if not Path("/proc/self/task").is_dir():
        pytest.skip("only /proc tells the children of a process")
    return below(process.pid)


def below(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(child) for task in tasks for child in task.read_text().split()]
    return [*found, *(grandchild for child in found for grandchild in below(child))]


def assert_ended(processes: list[int]) -> None:
    # They are nobody's children any more, so nobody can wait for them but by looking again.
    for _ in range(1000):
        processes = [process for process in processes if Path(f"/proc/{process}").exists()]
        if not processes:
            return
        time.sleep(0.02)
    pytest.fail(f"processes {processes} outlived the one that started them")


def test_demo_prints_the_concentration_table(start: Start, files: Path) -> None:
    out, err = start("demo", "--no-serve", "--documents", files).communicate()
    assert re.search(r"^\d+ records of 5 articles are loaded$", err, re.MULTILINE)
    assert out.startswith("Concentration by supplier, basis customers\n")
    assert "Concentration by market, basis services\n" in out
    for name in ("East Kent Services", "Capita", "HHI", "All services"):
        assert name in out


def test_demo_serves_what_it_loaded_and_cleans_up(start: Start) -> None:
    demo = start("demo", "--port", "0")
    assert demo.stderr is not None
    told: list[str] = []
    while not (told and told[-1].startswith("Serving at ")):
        told.append(demo.stderr.readline())
        assert told[-1], told
    url = told[-1].split()[2]
    health = httpx2.get(f"{url}health", timeout=60).json()
    assert (health["status"], health["sources"]) == ("ready", 5)
    workers = children(demo)
    assert workers
    demo.send_signal(signal.SIGINT)
    demo.communicate()
    assert demo.returncode == 130
    assert_ended(workers)


def test_server_answers_and_ends_without_leaving_workers(serve: Serve, small_data: Path) -> None:
    running, url = serve(small_data, "--workers", "2", "--timeout", "5")
    with httpx2.Client(base_url=url, timeout=60) as client:
        assert client.get("/health").json()["status"] == "ready"
        answer = client.get("/sparql", params={"query": "SELECT ?n { ?s cg:provides ?o . ?s rdfs:label ?n }"})
        assert [row["n"]["value"] for row in answer.json()["results"]["bindings"]] == ["Alpha Limited"]
        assert client.head("/").headers["content-length"] == client.get("/").headers["content-length"]
        workers = children(running)
        assert len(workers) >= 2  # the store process of the snapshot, and its worker
    running.terminate()
    running.communicate()
    assert running.returncode in (0, -signal.SIGTERM)
    assert_ended(workers)


def test_server_goes_on_when_the_processes_below_it_are_ended(serve: Serve, small_data: Path) -> None:
    running, url = serve(small_data, "--workers", "2")
    with httpx2.Client(base_url=url, timeout=60) as client:

        def ask(number: int) -> httpx2.Response:
            return client.get("/sparql", params={"query": f"ASK {{ ?s ?p {number} }}"})

        assert ask(0).status_code == 200
        store_process, worker = children(running)
        assert (Path(f"/proc/{worker}/stat").read_text().split()[3]) == str(store_process)
        os.kill(store_process, signal.SIGKILL)
        answers = [ask(1)]
        while answers[-1].status_code != 200:
            assert (answers[-1].status_code, answers[-1].headers["retry-after"]) == (503, "5")
            answers.append(ask(len(answers) + 1))
        assert len(answers) < 5
        # A worker may answer once more before it ends with its parent; then another store process takes its place.
        number = 100
        while store_process in children(running):
            assert ask(number).status_code in {200, 503}
            number += 1
        while ask(number).status_code != 200:
            number += 1


# Not in this process: the engine's results end in the thread that made them, and rdflib's parser keeps a hold of them
# that any thread of a test client may let go.
def test_check_of_sound_facts(start: Start, small_data: Path) -> None:
    checking = start("check", "--json", "--data", small_data)
    out, err = checking.communicate()
    (finding,) = json.loads(out)
    assert set(finding) == {"severity", "focus", "label", "message"}
    assert (finding["severity"], finding["label"]) == ("Warning", "Payroll of Ashby Council by Gamma (rumoured)")
    assert (checking.returncode, err) == (0, "0 violations, 1 warnings\n")


def test_check_of_unsound_triples(start: Start, data: Path, tmp_path: Path) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text(
        "@prefix cg: <https://w3id.org/civicgraph/ontology#> .\n"
        "<https://w3id.org/civicgraph/id/statistic/x> a cg:Statistic ; cg:value 'many' .\n"
    )
    load_rdf(DataFolder(data), [extra])
    checking = start("check", "--data", data)
    out, err = checking.communicate()
    assert (checking.returncode, out) == (1, "")
    assert re.search(r"^Violation: .*<https://w3id\.org/civicgraph/id/statistic/x>$", err, re.MULTILINE)


def test_reader_that_has_seen_enough(start: Start, seeds_data: Path) -> None:
    query = "SELECT * { GRAPH ?g { ?s ?p ?o } }"
    asking = start("query", query, "--format", "csv", "--data", seeds_data)
    assert asking.stdout is not None
    assert asking.stdout.readline() == "g,o,p,s\n"
    asking.stdout.close()
    assert asking.stderr is not None
    assert asking.stderr.read() == ""
    assert asking.wait() in (0, 1, -signal.SIGPIPE)


def test_locale_without_letters(small_data: Path, tmp_path: Path, command: Path) -> None:
    words: list[str | Path] = [command, "query", "SELECT ?l { ?s skos:altLabel|rdfs:label ?l }", "--data", small_data]
    plain = {"LC_ALL": "C", "PATH": ""}
    done = subprocess.run(words, cwd=tmp_path, env=plain, capture_output=True, check=True)
    assert b"Ashby Council" in done.stdout
