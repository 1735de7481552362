"""A load that is killed or interrupted, at whatever point, leaves the data folder as it was, and the next one works."""

import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from civicgraph.api.commands import sources
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_claims

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="session")
def complete(small_data: Path, facts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold the small data set and the seed facts, loaded without a break."""
    data = tmp_path_factory.mktemp("complete") / "data"
    shutil.copytree(small_data, data, symlinks=True)
    load_claims(DataFolder(data), [facts])
    return data


def wait_for(stage: str, data: Path, loading: subprocess.Popen[str]) -> None:
    """Wait until a load has begun to write its sources, or to build its snapshot, or has ended."""
    watched = data / ("sources" if stage == "reading" else "snapshots")
    before = set(watched.iterdir())
    while loading.poll() is None and set(watched.iterdir()) == before:
        time.sleep(0.005)


def version(data: Path) -> str:
    """Say which snapshot answers, having asked it."""
    with DataFolder(data).open() as snapshot:
        assert snapshot.engine.ask("ASK { ?council cg:servedBy ?supplier . ?supplier rdfs:label 'Alpha Limited' }")
        (row,) = snapshot.engine.select("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
        assert row["n"] is not None
        assert int(row["n"].value) == snapshot.manifest.quads
        return snapshot.manifest.version


def finish(data: Path, facts: Path, complete: Path) -> None:
    """Load as if nothing had happened; nothing that did not come to an end is left."""
    load_claims(DataFolder(data), [facts])
    assert version(data) == version(complete)
    for folder in (".", "sources", "snapshots"):
        assert {path.name for path in (data / folder).iterdir()} == {
            path.name for path in (complete / folder).iterdir()
        }


def test_killed_load_damages_nothing(start: Start, data: Path, facts: Path, complete: Path) -> None:
    before = version(data)
    for stage in ("reading", "building", "building"):
        loading = start("load", "claims", facts, "--data", data)
        wait_for(stage, data, loading)
        time.sleep(secrets.randbelow(400) / 1000)
        loading.kill()
        assert loading.wait() in (-signal.SIGKILL, 0)
        assert version(data) in (before, version(complete))
    finish(data, facts, complete)


@pytest.mark.parametrize("stage", ["reading", "building"])
def test_interrupted_load_damages_nothing(start: Start, data: Path, facts: Path, complete: Path, stage: str) -> None:
    before = version(data)
    loading = start("load", "claims", facts, "--data", data)
    wait_for(stage, data, loading)
    time.sleep(secrets.randbelow(200) / 1000)
    loading.send_signal(signal.SIGINT)
    _, told = loading.communicate()
    assert loading.returncode in (130, 0)
    assert "Traceback" not in told
    assert version(data) in (before, version(complete))
    finish(data, facts, complete)


def press() -> None:
    """Press Ctrl-C a little later."""
    threading.Timer(0.2, signal.pthread_kill, [threading.get_ident(), signal.SIGINT]).start()


def busy_in_duckdb() -> None:
    """DuckDB makes a RuntimeError of Ctrl-C, or looks for it at the end only: so the query takes some seconds."""
    press()
    duckdb.execute("SELECT sum(a.range * b.range) FROM range(1_000_000) a, range(500) b").fetchall()


def busy_where_nothing_is_raised() -> None:
    """Python prints what a finalizer raises, and goes on."""

    class Finalized:
        def __del__(self) -> None:
            time.sleep(1)

    press()
    Finalized()
    time.sleep(60)


@pytest.mark.parametrize("busy", [busy_in_duckdb, busy_where_nothing_is_raised])
def test_interrupt_that_a_library_hides_ends_the_command(
    monkeypatch: pytest.MonkeyPatch, run: Callable[..., subprocess.CompletedProcess[str]], busy: Callable[[], None]
) -> None:
    monkeypatch.setattr(sources, "optimize", busy)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ended = run("optimize")
    assert (ended.returncode, ended.stderr) == (130, "")
