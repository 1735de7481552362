"""A server that is killed during a load, and a writer that died: what readers see, and what the next load does."""

import io
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.address import Address
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.remote.folder import RemoteFolder
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_claims
from civicgraph.seeds_loader.load_records import load_spend
from tests.graph.remote_server import FACTS, address, free_port, start_server

ARTICLE = FACTS / "000_71e06708302b3ad1.yaml"
"""Facts of one article, which go to a server in several batches."""


class Restarted:
    """A server that can be killed and comes back at the same address, with what its disk holds, if it has one."""

    def __init__(self, location: Path | None) -> None:
        self.port = free_port()
        self.location = location
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        disk = [] if self.location is None else ["--location", str(self.location)]
        self.process = start_server(self.port, *disk)

    def kill(self) -> None:
        """End it at once, as the machine's failure would."""
        self.process.kill()
        self.process.wait()

    def folder(self, path: Path, name: str) -> RemoteFolder:
        """Return a folder whose batches are small: updates, no graph store."""
        server = f"http://127.0.0.1:{self.port}"
        return RemoteFolder(path, Connection(Address.read(f"{server}/query#{name}", f"{server}/update")))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Restarted]:
    running = Restarted(tmp_path / "server")
    yield running
    running.kill()


def trig(folder: DataFolder) -> bytes:
    out = io.BytesIO()
    with folder.open() as snapshot:
        write_trig(snapshot.engine.quads(), out)
        return out.getvalue()


@pytest.fixture
def payments(tmp_path: Path) -> Path:
    path = tmp_path / "payments.csv"
    path.write_text("Body Name,Date,Supplier Name,Amount\nLeeds City Council,01/10/2019,Alpha Ltd,100.50\n")
    return path


@pytest.mark.parametrize("step", ["sent", "switching"])
def test_a_server_that_is_killed_and_comes_back_gets_the_whole_load(
    step: str, server: Restarted, payments: Path, tmp_path: Path
) -> None:
    folder, embedded = server.folder(tmp_path / "remote", "kept"), DataFolder(tmp_path / "embedded")
    load_spend(folder, [payments])
    before = trig(folder)
    seen: list[bytes] = []

    def restart(told: str) -> None:
        if told.startswith(step) and not seen:
            server.kill()
            server.start()
            # Another reader, who comes in the middle of it, finds the version before.
            seen.append(trig(server.folder(tmp_path / "reader", "kept")))

    load_claims(folder, [ARTICLE], progress=restart)
    load_spend(embedded, [payments])
    load_claims(embedded, [ARTICLE])
    assert seen == [before]
    assert trig(folder) == trig(embedded) != before


@pytest.mark.parametrize("step", ["sent", "counting"])
def test_a_server_that_forgets_leaves_no_half_load(step: str, payments: Path, tmp_path: Path) -> None:
    """One without a disk comes back empty: the load says so, and the next one makes everything anew."""
    server = Restarted(None)
    try:
        folder, embedded = server.folder(tmp_path / "remote", "kept"), DataFolder(tmp_path / "embedded")
        seen: list[str] = []

        def restart(told: str) -> None:
            if told.startswith(step) and not seen:
                seen.append(told)
                server.kill()
                server.start()

        with pytest.raises(RemoteError, match="has lost all that it held"):
            load_claims(folder, [ARTICLE], progress=restart)
        assert seen
        assert server.folder(tmp_path / "reader", "kept").manifest() is None
        load_spend(folder, [payments])
        load_spend(embedded, [payments])
        assert trig(folder) == trig(embedded)
    finally:
        server.kill()


def test_a_load_that_was_killed_does_not_stand_in_the_way(port: int, tmp_path: Path) -> None:
    """The next command over the same data folder holds its lock, so that whoever held it before has ended."""
    command = Path(sys.executable).with_name("civicgraph")
    store: list[str | Path] = ["--data", tmp_path / "data", "--store", f"http://127.0.0.1:{port}/query#killed"]
    one, two = (tmp_path / f"{name}.csv" for name in ("one", "two"))
    for path, rows in ((one, 20), (two, 2_000)):
        lines = (f"Leeds City Council,01/10/2019,Supplier {row} Ltd,{row}.50\n" for row in range(1, rows))
        path.write_text("Body Name,Date,Supplier Name,Amount\n" + "".join(lines), encoding="utf-8")
    for name in (one, ARTICLE):
        subprocess.run([command, "load", "spend" if name == one else "claims", name, *store], check=True)
    folder = RemoteFolder(tmp_path / "reader", Connection(address(port, "killed")))
    with subprocess.Popen([command, "load", "spend", two, *store]) as load:
        while not _half_written(folder):
            assert load.poll() is None
        load.kill()
    assert _half_written(folder)
    undone = subprocess.run([command, "undo", *store], check=False, capture_output=True, text=True)
    assert (undone.returncode, "is served again" in undone.stderr) == (0, True), undone.stderr
    assert subprocess.run([command, "load", "spend", two, *store], check=False).returncode == 0


def _half_written(folder: RemoteFolder) -> list[str]:
    state = folder.catalogue.read()
    return [] if state is None else [slot.sign for slot in state.slots if not slot.version]


def test_of_two_loads_from_two_folders_one_is_published(
    remote: Callable[..., RemoteFolder], payments: Path, tmp_path: Path
) -> None:
    folder, embedded = remote("twice"), DataFolder(tmp_path / "embedded")
    load_spend(folder, [payments])
    shutil.copytree(folder.path, tmp_path / "copy")
    other, more = remote("twice", "copy"), tmp_path / "more.csv"
    more.write_bytes(payments.read_bytes().replace(b"Alpha", b"Beta"))

    def meanwhile(step: str) -> None:
        if step == "counting":
            load_claims(other, [ARTICLE])

    with pytest.raises(BusyError, match="another load was published on the server while this one was writing"):
        load_spend(folder, [more], progress=meanwhile, again=True)
    load_spend(embedded, [payments])
    load_claims(embedded, [ARTICLE])
    assert trig(other) == trig(folder) == trig(embedded)
    # What the first has half written or not published is no more in the way than what has died.
    load_spend(other, [more], again=True)
    load_spend(embedded, [more], again=True)
    assert trig(other) == trig(embedded)
    assert _half_written(other) == []


def test_a_server_that_is_away_is_waited_for_before_and_while_sending(
    payments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("civicgraph.graph.engine.remote.http._SAID", 0.1)
    server = Restarted(tmp_path / "server")
    told: list[str] = []
    try:
        address = Address.read(f"http://127.0.0.1:{server.port}/query#away")
        folder = RemoteFolder(tmp_path / "remote", Connection(address, notice=told.append))

        def away(when: str, step: str) -> None:
            if step.startswith(when) and not told:
                server.kill()
                threading.Timer(1.0, server.start).start()

        other = tmp_path / "other.csv"
        other.write_bytes(payments.read_bytes().replace(b"Alpha", b"Beta"))
        for when, path in (("before", payments), ("sent", other)):
            told.clear()
            away(when, "before")
            load_spend(folder, [path], progress=partial(away, when), again=True)
            assert re.fullmatch(r"127\.0\.0\.1:\d+ cannot be reached: .*; trying again for \d+ seconds", told[0])
        load_spend(embedded := DataFolder(tmp_path / "embedded"), [payments, other], again=True)
        assert trig(folder) == trig(embedded)
    finally:
        server.kill()
