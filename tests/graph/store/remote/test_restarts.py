"""A server that is killed during a load, and a writer that died: what readers see, and what the next load does."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.http import Address, Connection
from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.remote.catalogue import CATALOGUE
from civicgraph.graph.snapshot.remote.folder import RemoteFolder
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_claims
from civicgraph.seeds_loader.load_records import load_spend
from tests.graph.store.remote.conftest import FACTS, free_port, start_server


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
        return RemoteFolder(path, Connection(Address.read(f"{server}/query#{name}", f"{server}/update")), 0.0)


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

    load_claims(folder, [FACTS], progress=restart)
    load_spend(embedded, [payments])
    load_claims(embedded, [FACTS])
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
            load_claims(folder, [FACTS], progress=restart)
        assert seen
        assert server.folder(tmp_path / "reader", "kept").manifest() is None
        load_spend(folder, [payments])
        load_spend(embedded, [payments])
        assert trig(folder) == trig(embedded)
    finally:
        server.kill()


def test_a_writer_that_died_makes_room_after_a_while(
    remote: Callable[..., RemoteFolder], payments: Path, tmp_path: Path
) -> None:
    folder = remote("died")
    load_spend(folder, [payments])
    catalogue = folder.server.catalogue
    name = catalogue.take()
    with pytest.raises(BusyError, match="another load is writing to the store"):
        load_spend(folder, [payments])
    _age(folder, timedelta(minutes=16))
    load_spend(folder, [payments])
    # Who was taken for dead and was not finds out before anything of the other's is spoilt.
    with pytest.raises(BusyError, match="another load took the store over"):
        catalogue.hold(name)
    embedded = DataFolder(tmp_path / "embedded")
    load_spend(embedded, [payments])
    assert trig(folder) == trig(embedded)


def _age(folder: RemoteFolder, by: timedelta) -> None:
    """Make the last sign of life of a writer older."""
    state = folder.server.catalogue.read()
    assert state is not None
    assert state.since is not None
    graph, since = folder.server.catalogue.graph, f"<{CATALOGUE}#since>"
    then = (state.since - by).isoformat()
    moment = f'"{then}"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
    folder.server.updates.run(
        f"DELETE WHERE {{ GRAPH <{graph}> {{ <{graph}> {since} ?t }} }} ;"
        f"INSERT DATA {{ GRAPH <{graph}> {{ <{graph}> {since} {moment} }} }}"
    )
