"""Updates and the Graph Store Protocol: whole or not at all, kept by later loads, and only for those with the token."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_claims, unload

TOKEN = "of-the-tests"  # noqa: S105 - a server of the tests alone takes it
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}
TURTLE = {"Content-Type": "text/turtle"}
GRAPH = "http://example.org/g"


@pytest.fixture(scope="module")
def memory() -> Iterator[TestClient]:
    """Ask a server whose store is in memory alone."""
    with TestClient(create_app(Settings(None, store="memory", token=TOKEN)), headers=WITH_TOKEN) as running:
        yield running


@pytest.fixture
def kept(data: Path) -> Iterator[TestClient]:
    """Ask a server that may write to its data folder."""
    with TestClient(create_app(Settings(data, token=TOKEN)), headers=WITH_TOKEN) as running:
        yield running


def ask(client: TestClient, query: str) -> bool:
    return bool(client.get("/sparql", params={"query": query}).json()["boolean"])


def update(client: TestClient, text: str) -> int:
    return client.post("/update", data={"update": text}).status_code


@pytest.mark.parametrize("path", ["/update", "/graph-store", f"/graph-store?graph={GRAPH}"])
def test_without_a_token_nothing_is_written(client: TestClient, memory: TestClient, path: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "GET"):
        off = client.request(method, path)
        assert (off.status_code, off.headers["content-type"]) == (403, "application/problem+json")
        for given in ("", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xe9"):
            refused = memory.request(method, path, headers=[(b"Authorization", given.encode("latin-1"))])
            assert refused.status_code == 401, given
            assert refused.headers["www-authenticate"].startswith("Bearer")


def test_requests_of_the_graph_store_protocol(memory: TestClient) -> None:
    """Section 5 of the standard, request by request."""
    at = f"/graph-store?graph={GRAPH}"
    one, two = "<http://e/1> <http://e/p> 1 .", "<http://e/2> <http://e/p> 2 ."
    assert memory.get(at).status_code == 404
    assert memory.head(at).status_code == 404
    assert memory.delete(at).status_code == 404
    assert memory.put(at, content=one, headers=TURTLE).status_code == 201
    assert memory.put(at, content=two, headers=TURTLE).status_code == 204
    read = memory.get(at, headers={"Accept": "application/n-triples"})
    assert (read.status_code, read.headers["content-type"]) == (200, "application/n-triples")
    assert "/2>" in read.text
    assert "/1>" not in read.text
    head = memory.head(at, headers={"Accept": "application/n-triples"})
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(read.content)))
    assert memory.post(at, content=one, headers=TURTLE).status_code == 204
    assert all(name in memory.get(at).text for name in ("http://e/1", "http://e/2"))
    files = [
        ("a", ("a.ttl", "<http://e/3> <http://e/p> 3 .", "text/turtle")),
        ("b", ("b.nt", "<http://e/2> <http://e/p> <http://e/1> .", "application/n-triples")),
    ]
    assert memory.post(at, files=files).status_code == 204
    assert "http://e/3" in memory.get(at).text
    patch = {"Content-Type": "application/sparql-update"}
    assert memory.patch(at, content="DELETE WHERE { <http://e/3> ?p ?o }", headers=patch).status_code == 204
    assert "http://e/3" not in memory.get(at).text
    made = memory.post("/graph-store", content=one, headers=TURTLE)
    assert made.status_code == 201
    assert "http://e/1" in memory.get("/graph-store", params={"graph": made.headers["location"]}).text
    assert memory.put("/graph-store/some/thing.ttl", content="<> <http://e/p> 4 .", headers=TURTLE).status_code == 201
    assert "<http://testserver/graph-store/some/thing.ttl>" in memory.get("/graph-store/some/thing.ttl").text
    assert ask(memory, "ASK { GRAPH <http://testserver/graph-store/some/thing.ttl> { ?s ?p 4 } }")
    assert memory.put("/graph-store?default", content=one, headers=TURTLE).status_code == 204
    assert ask(memory, "ASK { <http://e/1> ?p 1 }")
    whole = memory.get("/graph-store", headers={"Accept": "application/n-quads"})
    assert whole.status_code == 200
    assert all(name in whole.text for name in (GRAPH, "<http://e/1> <http://e/p>"))
    assert memory.delete("/graph-store?default").status_code == 204
    assert not ask(memory, "ASK { <http://e/1> ?p 1 }")
    assert memory.delete(at).status_code == 204
    assert memory.get(at).status_code == 404


def test_requests_of_the_graph_store_that_are_at_fault(memory: TestClient) -> None:
    at = f"/graph-store?graph={GRAPH}"
    for sent, status in (
        (memory.put(at, content="this is not Turtle", headers=TURTLE), 400),
        (memory.put(at, content="x", headers={"Content-Type": "image/png"}), 415),
        (memory.patch(at, content="x", headers=TURTLE), 415),
        (memory.patch(at, content="x", headers={"Content-Type": "application/sparql-update"}), 400),
        (memory.get("/graph-store?default", headers={"Accept": "image/png"}), 406),
        (memory.get("/graph-store?graph=nothing"), 400),
        (memory.get(f"{at}&default"), 400),
        (memory.get(f"{at}&other=1"), 400),
        (memory.delete("/graph-store"), 400),
        (memory.put("/graph-store", content="", headers=TURTLE), 400),
        (memory.request("TRACE", at), 405),
    ):
        assert (sent.status_code, sent.headers["content-type"]) == (status, "application/problem+json"), sent.text


def test_an_update_is_whole_or_not_at_all(memory: TestClient) -> None:
    assert (
        update(
            memory,
            "INSERT DATA { <http://e/x> <http://e/p> 1 } ; CREATE GRAPH <http://e/g> ; CREATE GRAPH <http://e/g>",
        )
        == 400
    )
    assert not ask(memory, "ASK { <http://e/x> ?p ?o }")
    assert update(memory, "nonsense") == 400
    assert update(memory, "LOAD <http://127.0.0.1:9/>") == 400
    assert update(memory, "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }") == 400
    assert memory.get("/update").status_code == 405


def test_a_copy_in_memory_has_the_folders_figures_and_leaves_it_as_it_is(data: Path) -> None:
    settings = Settings(data, store="memory", token=TOKEN)
    with TestClient(create_app(Settings(data))) as folder, TestClient(create_app(settings), headers=WITH_TOKEN) as copy:
        before = folder.get("/health").json()
        for path in ("/concentration.json?by=supplier", "/tables/dependencies.json", "/tables/sources.json"):
            assert copy.get(path).json() == folder.get(path).json()
        assert copy.get("/health").json()["quads"] == before["quads"]
        assert update(copy, "INSERT DATA { [] <http://e/p> 1 }") == 204
        assert ask(copy, "ASK { ?blank <http://e/p> 1 }")
        assert not ask(folder, "ASK { ?blank <http://e/p> 1 }")
        assert copy.get("/tables/dependencies.json").json() == folder.get("/tables/dependencies.json").json()
        assert folder.get("/health").json() == before


def test_an_update_is_a_source_that_later_loads_keep(kept: TestClient, data: Path, files: Path) -> None:
    label = "ASK { <https://w3id.org/civicgraph/id/organisation/alpha> rdfs:label ?l }"
    new = "ASK { <http://e/new> <http://e/p> 1 }"
    before = kept.get("/health").json()
    assert ask(kept, label)
    assert update(kept, "INSERT DATA { GRAPH cg:established { <http://e/new> <http://e/p> 1 } }") == 204
    alpha = "<https://w3id.org/civicgraph/id/organisation/alpha>"
    assert update(kept, f"DELETE WHERE {{ GRAPH cg:established {{ {alpha} rdfs:label ?l }} }}") == 204
    after = kept.get("/health").json()
    assert after["version"] != before["version"]
    assert after["quads"] == before["quads"]
    assert (ask(kept, label), ask(kept, new)) == (False, True)
    assert "http://e/new" not in kept.get("/sparql", params={"query": "SELECT * { ?s <http://e/q> ?o }"}).text
    # What was made by changing a copy is what is built anew from the sources.
    load_claims(DataFolder(data), [files / "hostile.yaml"])
    assert (ask(kept, label), ask(kept, new)) == (False, True)
    unload(DataFolder(data), "hostile")
    assert kept.get("/health").json() == after
    assert kept.get("/tables/dependencies.json").status_code == 200
    # What is added and taken away again leaves nothing behind.
    assert update(kept, "DELETE WHERE { GRAPH ?g { <http://e/new> ?p ?o } }") == 204
    assert not ask(kept, new)
    unload(DataFolder(data), "update")
    assert (ask(kept, label), ask(kept, new)) == (True, False)
    assert kept.get("/health").json() == before
    assert update(kept, "INSERT DATA { _:b <http://e/p> 1 }") == 400
    assert kept.get("/health").json() == before


def test_a_graph_of_ones_own_leaves_edges_as_they_are(kept: TestClient, data: Path, files: Path) -> None:
    def edges() -> tuple[int, set[str]]:
        file = (data / "current").resolve() / "edges.duckdb"
        table = EdgeTable(file)
        found = {record for (record,) in table.rows("SELECT record FROM entry")}
        table.close()
        return file.stat().st_ino, found

    file, before = edges()
    assert kept.put(f"/graph-store?graph={GRAPH}", content="<http://e/a> <http://e/b> 1 .", headers=TURTLE).is_success
    linked, after = edges()
    assert (linked, after) == (file, before)
    # What edges rest on is read again: there is one more.
    parties = f"cg:buyer <{BASE}organisation/ashby-council> ; cg:supplier <{BASE}organisation/alpha>"
    stated = f"<http://e/c> a cg:Contract ; rdfs:label 'C' ; {parties}"
    assert update(kept, f"INSERT DATA {{ GRAPH cg:established {{ {stated} }} }}") == 204
    written, last = edges()
    assert written != file
    assert last - after == {"http://e/c"}
    # So it is when all is built anew.
    load_claims(DataFolder(data), [files / "hostile.yaml"])
    assert "http://e/c" in edges()[1]
    # What is taken back is gone, and what it was beside stays.
    assert update(kept, "DELETE WHERE { GRAPH cg:established { <http://e/c> ?p ?o } }") == 204
    assert "http://e/c" not in edges()[1]
    assert before <= edges()[1]


def test_a_graph_is_there_while_it_holds_something(kept: TestClient, data: Path, files: Path) -> None:
    at = f"/graph-store?graph={GRAPH}"
    begun = kept.get("/health").json()
    assert kept.put(at, content="", headers=TURTLE).status_code == 201
    assert (kept.get(at).status_code, kept.get("/health").json()) == (404, begun)
    assert kept.put(at, content="<http://e/1> <http://e/p> 1 .", headers=TURTLE).status_code == 201
    load_claims(DataFolder(data), [files / "hostile.yaml"])
    assert kept.get(at).status_code == 200
    # One that an update empties goes, as does one that is dropped, and what is built anew has neither.
    assert update(kept, f"DELETE WHERE {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}") == 204
    assert (kept.get(at).status_code, kept.delete(at).status_code) == (404, 404)
    unload(DataFolder(data), "hostile")
    assert kept.get(at).status_code == 404
    unload(DataFolder(data), "update")
    assert kept.get("/health").json() == begun


def test_a_server_that_is_killed_in_an_update_leaves_one_version_or_the_other(
    start: object, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVICGRAPH_TOKEN", TOKEN)
    for round_ in range(3):
        running = start("serve", "--data", data, "--port", "0")  # type: ignore[operator] # a fixture that is a function
        assert isinstance(running, subprocess.Popen)
        assert running.stderr is not None
        url = running.stderr.readline().split()[2]
        text = "".join(f"<http://e/{round_}/{n}> <http://e/p> {n} ." for n in range(20_000))
        with httpx2.Client(base_url=url, timeout=120, headers=WITH_TOKEN) as client:
            client.get("/health")
            killer = subprocess.Popen(["sh", "-c", f"sleep 0.{round_ + 1}; kill -9 {running.pid}"])
            with contextlib.suppress(httpx2.HTTPError):
                client.post("/update", data={"update": f"INSERT DATA {{ GRAPH <http://e/g> {{ {text} }} }}"})
            killer.wait()
            if running.poll() is None:
                os.kill(running.pid, signal.SIGKILL)
        running.communicate()
        with DataFolder(data).open() as snapshot:
            of_this_round = f"FILTER (STRSTARTS(STR(?s), 'http://e/{round_}/'))"
            count = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <http://e/g> {{ ?s <http://e/p> ?o {of_this_round} }} }}"
            (row,) = snapshot.engine.select(count)
            assert row["n"] is not None
            assert row["n"].value in ("0", "20000")
