"""A SPARQL server for the tests of this folder: one for all of them, each test with a set of data of its own."""

import itertools
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from civicgraph.api.cli import app
from civicgraph.graph.engine.remote.address import Address
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.snapshot.remote.folder import RemoteFolder
from civicgraph.seeds_loader import load

FACTS = Path(load.__file__).parent / "facts"
DATA = Path(__file__).parents[3] / "shared" / "data"
_numbers = itertools.count()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(port: int, *options: str) -> subprocess.Popen[bytes]:
    """Start a server and return once it takes connections."""
    command: list[str | Path] = [
        Path(sys.executable).with_name("oxigraph"),
        "serve",
        "--bind",
        f"127.0.0.1:{port}",
        *options,
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        assert server.poll() is None, "the server ended by itself"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return server
    server.kill()
    raise AssertionError("the server takes no connections")


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """Give the port of the server that the tests share."""
    chosen = free_port()
    server = start_server(chosen)
    yield chosen
    server.kill()
    server.wait()


def address(port: int, name: str) -> Address:
    server = f"http://127.0.0.1:{port}"
    return Address.read(f"{server}/query#{name}", f"{server}/update", f"{server}/store")


@pytest.fixture
def remote(port: int, tmp_path: Path) -> Callable[..., RemoteFolder]:
    """Give the function that makes a folder over a new set of data on the server, or on one that is named."""

    def make(name: str | None = None, folder: str = "remote") -> RemoteFolder:
        chosen = name or f"t{next(_numbers)}-{tmp_path.name.encode().hex()}"
        return RemoteFolder(tmp_path / folder, Connection(address(port, chosen), timeout=120))

    return make


@pytest.fixture(scope="session")
def remote_seeds(port: int, tmp_path_factory: pytest.TempPathFactory) -> RemoteFolder:
    """Hold the seed facts on the server. Nothing writes to it."""
    folder = RemoteFolder(tmp_path_factory.mktemp("remote"), Connection(address(port, "seeds"), timeout=120))
    load.load_claims(folder, [FACTS])
    return folder


@contextmanager
def _serving_over(store: Address, data: Path, *options: str) -> Iterator[str]:
    command: list[str | Path] = [Path(sys.executable).with_name("civicgraph"), "serve", "--data", data, "--port", "0"]
    command += ["--store", f"{store.query}#{store.name}", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        first = running.stderr.readline()
        found = re.fullmatch(r"Serving at (http://127\.0\.0\.1:\d+)/ \(Ctrl-C ends it\)\n", first)
        try:
            assert found, first
            yield found[1]
        finally:
            running.kill()


@pytest.fixture(scope="session")
def serving_over() -> Callable[..., AbstractContextManager[str]]:
    """Give the function that serves a store on a server from a process of its own, and gives its address."""
    return _serving_over


def measured(data: Path, *store: str) -> list[str]:
    """Load a council's payments and the register of authorities, and return what commands say of them."""
    spend = sorted((DATA / "council_spend").glob("calderdale__2019-1?.csv"))
    _civicgraph("load", "authorities", DATA / "local_authorities/uk_local_authorities.csv", "--data", data, *store)
    _civicgraph("load", "spend", *spend, "--data", data, *store)
    scopes: tuple[tuple[str, ...], ...] = ((), ("--place", "calderdale"), ("--place", "Yorkshire and The Humber"))
    asked = [("--by", by, "--basis", "spend", *scope) for by in ("market", "supplier", "buyer") for scope in scopes]
    return [_civicgraph("concentration", *words, "--format", "csv", "--data", data, *store) for words in asked]


@pytest.fixture(scope="session")
def councils(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Give a data folder that holds those payments, and what commands say of it."""
    if not DATA.exists():
        pytest.skip(f"the shared data is not at {DATA}")
    data = tmp_path_factory.mktemp("councils") / "data"
    return data, measured(data)


def _civicgraph(*words: str | Path) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.stdout
