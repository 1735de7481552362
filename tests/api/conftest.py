"""What the tests of the front door share: data folders, the command line in this process and in its own, a server.

Two data sets: the small one is `files/small.yaml` with the article that it is about at hand; the seeds are the facts
that come with the package. Folders of session scope are only read; a test that loads takes a copy.
"""

import io
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from civicgraph.api.app import create_app
from civicgraph.api.cli import main
from civicgraph.api.settings import Settings
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader import load
from civicgraph.seeds_loader.claims.documents import Documents
from tests.api.records import load_records

FILES = Path(__file__).parent / "files"
FACTS = Path(load.__file__).parent / "facts"
COMMAND = Path(sys.executable).with_name("civicgraph")


@pytest.fixture(scope="session")
def files() -> Path:
    """Name the folder of the small claims files."""
    return FILES


@pytest.fixture(scope="session")
def command() -> Path:
    """Name the command as it is installed beside this interpreter."""
    return COMMAND


@pytest.fixture(scope="session")
def facts() -> Path:
    """Name the folder of the seed facts."""
    return FACTS


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold the small data set, its article at hand."""
    data = tmp_path_factory.mktemp("small") / "data"
    Documents(data).add_folder(FILES)
    load.load_claims(DataFolder(data), [FILES / "small.yaml"])
    return data


@pytest.fixture(scope="session")
def seeds_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold the seed facts without the articles."""
    data = tmp_path_factory.mktemp("seeds") / "data"
    load.load_claims(DataFolder(data), [FACTS])
    return data


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Hold a few contracts and payments of one council."""
    return load_records(tmp_path_factory.mktemp("records"))


@pytest.fixture
def data(small_data: Path, tmp_path: Path) -> Path:
    """Hold a copy of the small data set that a test may change."""
    shutil.copytree(small_data, tmp_path / "data", symlinks=True)
    return tmp_path / "data"


@pytest.fixture(scope="session")
def client(small_data: Path) -> Iterator[TestClient]:
    """Ask the application over the small data set."""
    with TestClient(create_app(Settings(small_data, workers=1))) as running:
        yield running


@pytest.fixture(scope="session")
def seeds(seeds_data: Path) -> Iterator[TestClient]:
    """Ask the application over the seed facts."""
    with TestClient(create_app(Settings(seeds_data, workers=1))) as running:
        yield running


@pytest.fixture(scope="session")
def tables(records: DataFolder) -> Iterator[TestClient]:
    """Ask the application over those contracts and payments."""
    with TestClient(create_app(Settings(records.path, workers=1))) as running:
        yield running


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Run the command line in this process."""
    for name in ("CIVICGRAPH_DATA", "CIVICGRAPH_TIMEOUT", "CIVICGRAPH_WORKERS", "CIVICGRAPH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    on_interrupt = signal.getsignal(signal.SIGINT)

    def command(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        words = [str(argument) for argument in arguments]
        monkeypatch.setattr(sys, "argv", ["civicgraph", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        code = ended.value.code
        return subprocess.CompletedProcess(words, code if isinstance(code, int) else 0, out, err)

    yield command
    signal.signal(signal.SIGINT, on_interrupt)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command line in a process of its own, which is ended with the test if it is not by then."""
    # A shell's background job ignores Ctrl-C, and so would every process that it starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with ExitStack() as started:

        def process(*arguments: str | Path) -> subprocess.Popen[str]:
            words = [str(argument) for argument in arguments]
            running = started.enter_context(
                subprocess.Popen(
                    [COMMAND, *words],
                    cwd=tmp_path,
                    text=True,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
            )
            started.callback(running.kill)
            return running

        yield process


@pytest.fixture
def serve(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., tuple[subprocess.Popen[str], str]]:
    """Serve a data folder from a process of its own; give the process and the address."""

    def server(data: Path, *options: str) -> tuple[subprocess.Popen[str], str]:
        running = start("serve", "--data", data, "--port", "0", *options)
        assert running.stderr is not None
        first = running.stderr.readline()
        found = re.fullmatch(r"Serving at (http://127\.0\.0\.1:\d+)/ \(Ctrl-C ends it\)\n", first)
        assert found, f"{first}{running.stderr.read()} (exit status {running.poll()})"
        return running, found[1]

    return server
