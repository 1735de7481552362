"""What commands import: help and the figures of a snapshot need no loaders, no web, no sparse matrices."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from civicgraph.api.cli import COMMANDS
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_claims

HEAVY = {"edtf", "fastapi", "matplotlib", "networkx", "pyshacl", "rdflib", "scipy", "starlette", "uvicorn"}
LIGHT = {"civicgraph.seeds_loader.faults"}
SEEDS = Path(__file__).parent.parent.parent / "seeds_loader" / "facts"

RUN = """
import sys
from collections.abc import Callable
from civicgraph.api.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(*sys.modules, file=sys.stderr)
"""


def imported(*arguments: str | Path) -> set[str]:
    """Return the modules that a command imports, in a process of its own."""
    return set(
        subprocess.run(
            [sys.executable, "-c", RUN, *arguments], check=True, capture_output=True, text=True
        ).stderr.split()
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("light") / "data"
    load_claims(DataFolder(folder), [SEEDS])
    return folder


@pytest.mark.parametrize("by", [None, "supplier", "market", "buyer"])
def test_help_and_figures_import_nothing_heavy(data: Path, by: str | None) -> None:
    found = imported("--help") if by is None else imported("concentration", "--by", by, "--data", data)
    commands = {"civicgraph.api.commands", "civicgraph.api.commands.common"}
    commands |= set() if by is None else {"civicgraph.api.commands.print_figures"}
    assert {module for module in found if module.startswith("civicgraph.api.commands")} == commands
    # The place of parties in a small network is worked out unasked.
    of_places = {"networkx", "scipy"} if by in ("supplier", "buyer") else set()
    assert {module.partition(".")[0] for module in found} & HEAVY == of_places
    loaders = {module for module in found if module.startswith("civicgraph.seeds_loader.")}
    assert loaders <= LIGHT
    if by is None:
        assert not {"duckdb", "numpy", "pyoxigraph"} & found


def test_help_says_of_each_command_what_it_says_of_itself(
    run: Callable[..., subprocess.CompletedProcess[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    lines = dict(re.findall(r"^\W+([a-z-]+) +([A-Z].*?) +\W+$", run("--help").stdout, re.MULTILINE))
    assert set(COMMANDS) <= set(lines)
    for name in COMMANDS:
        assert lines[name] in " ".join(run(name, "--help").stdout.split()), name
