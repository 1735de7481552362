"""What is loaded while the server runs is served from the next request on, and no request fails in between."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings
from civicgraph.graph.snapshot.snapshot import DataFolder, Manifest
from civicgraph.seeds_loader.load import load_claims, unload

Serve = Callable[..., tuple[subprocess.Popen[str], str]]

COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
LONG = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def test_next_request_sees_the_next_snapshot(data: Path, files: Path) -> None:
    with TestClient(create_app(Settings(data, workers=1))) as client:
        old = client.get("/health").json()["version"]
        assert client.get("/id/organisation/formula").status_code == 404
        manifest = load_claims(DataFolder(data), [files / "hostile.yaml"]).manifest
        assert manifest is not None
        assert client.get("/id/organisation/formula").status_code == 200
        assert client.get("/health").json()["version"] == manifest.version != old
        assert client.get("/tables/dependencies.json").headers["etag"] == f'W/"{manifest.version}"'
        found = client.get("/sparql", params={"query": COUNT}, headers={"Accept": "text/csv"}).text
        assert int(found.splitlines()[1]) == manifest.quads
        # The snapshot that nobody reads any more is gone with the next load.
        unload(DataFolder(data), "hostile")
        assert client.get("/id/organisation/formula").status_code == 404
        assert client.get("/health").json()["version"] == old
        load_claims(DataFolder(data), [files / "hostile.yaml"])
        unload(DataFolder(data), "hostile")
        client.get("/health")
        load_claims(DataFolder(data), [files / "small.yaml"])
        while [folder.name for folder in (data / "snapshots").iterdir()] != [old]:
            with DataFolder(data).writing():  # which sweeps out what the server has let go by now
                time.sleep(0.01)


def test_no_worker_outlives_its_server(data: Path, files: Path) -> None:
    if not Path("/proc/self/task").is_dir():
        pytest.skip("only /proc tells the children of a process")
    others = below(os.getpid())
    with TestClient(create_app(Settings(data, workers=2))) as client:
        client.get("/sparql", params={"query": COUNT})
        before = below(os.getpid()) - others
        assert len(before) == 2  # the store process of the snapshot, and its worker
        load_claims(DataFolder(data), [files / "hostile.yaml"])
        client.get("/sparql", params={"query": COUNT})
        while len(below(os.getpid()) - others) > 2:
            time.sleep(0.01)
        after = below(os.getpid()) - others
        assert len(after - before) == 2
    while below(os.getpid()) - others:
        time.sleep(0.01)


def below(pid: int) -> set[int]:
    try:
        found = {
            int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()
        }
    except FileNotFoundError:
        return set()  # it ended meanwhile
    return found.union(*map(below, found))


def test_answer_that_has_begun_is_finished_from_its_own_snapshot(data: Path, files: Path) -> None:
    with (
        TestClient(create_app(Settings(data, workers=1))) as client,
        client.stream("GET", "/sparql", params={"query": "SELECT * { GRAPH ?g { ?s ?p ?o } }"}) as answer,
    ):
        old = answer.headers["etag"]
        load_claims(DataFolder(data), [files / "hostile.yaml"])
        assert client.get("/tables/dependencies.json").headers["etag"] != old
        assert answer.read().endswith(b"]}}")


@pytest.mark.parametrize("empty", [True, False])
def test_server_without_data_says_so_and_serves_once_there_is(
    small_data: Path, files: Path, tmp_path: Path, *, empty: bool
) -> None:
    data = tmp_path / "data"
    if not empty:
        shutil.copytree(small_data, data, symlinks=True)
        unload(DataFolder(data), "small")
    with TestClient(create_app(Settings(data, workers=1))) as client:
        if empty:
            refused = client.get("/health")
            assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
            assert "civicgraph load" in refused.json()["detail"]
            assert client.get("/ontology").status_code == 200
        else:
            assert "Nothing is loaded yet" in client.get("/").text
            assert client.get("/tables/dependencies.json").json() == []
            assert client.get("/concentration.json?by=supplier").json() == []
        load_claims(DataFolder(data), [files / "small.yaml"])
        assert client.get("/health").json()["sources"] == 1


def test_no_request_fails_while_loads_go_on(serve: Serve, data: Path, files: Path) -> None:
    _, url = serve(data, "--workers", "2")
    folder = DataFolder(data)
    done, failures, answered = threading.Event(), list[str](), list[str]()

    def ask(path: str) -> None:
        with httpx2.Client(base_url=url, timeout=60) as client:
            while not done.is_set():
                try:
                    response = client.get(path)
                    response.raise_for_status()
                except httpx2.HTTPError as error:
                    failures.append(f"{path}: {error!r}")
                    return
                answered.append(response.headers.get("etag", response.text))

    paths = ("/health", f"/sparql?query={COUNT}", "/tables/dependencies.csv", "/exports/network.gexf")
    readers = [threading.Thread(target=ask, args=(path,)) for path in paths]
    for reader in readers:
        reader.start()
    steps: list[Callable[[], Manifest | None]] = [
        lambda: load_claims(folder, [files / "hostile.yaml"]).manifest,
        lambda: unload(folder, "hostile"),
    ]
    try:
        for step in steps * 3:
            manifest = step()
            assert manifest is not None
            answered.clear()
            while f'W/"{manifest.version}"' not in answered and not failures:
                time.sleep(0.01)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert failures == []


def test_reader_that_goes_away_leaves_the_server_free(serve: Serve, data: Path) -> None:
    _, url = serve(data, "--workers", "1", "--timeout", "10")
    with httpx2.Client(base_url=url, timeout=60) as client:
        for _ in range(2):
            with client.stream("GET", "/sparql", params={"query": LONG}) as answer:
                assert next(answer.iter_raw())
        assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


def test_answer_that_is_cut_off_cannot_be_taken_for_a_whole_one(serve: Serve, data: Path) -> None:
    _, url = serve(data, "--workers", "1", "--timeout", "1")
    headers = {"Accept": "text/csv", "Accept-Encoding": "identity"}
    with httpx2.Client(base_url=url, timeout=60, headers=headers) as client:
        with client.stream("GET", "/sparql", params={"query": LONG}) as answer:
            assert answer.status_code == 200
            with pytest.raises(httpx2.RemoteProtocolError):
                for _ in answer.iter_raw():
                    pass
        assert client.get("/health").json()["status"] == "ready"
