"""What commands import: help and the figures of a snapshot need no loaders, no web, no sparse matrices."""

import subprocess
import sys
from pathlib import Path

import pytest

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_claims

HEAVY = {"edtf", "fastapi", "matplotlib", "networkx", "pyshacl", "rdflib", "scipy", "starlette", "uvicorn"}
LIGHT = {"civicgraph.seeds_loader.faults"}
SEEDS = Path(__file__).parent.parent.parent / "seeds_loader" / "facts"

RUN = """
import sys
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
    assert "civicgraph.api.commands.figures" in found
    # The place of parties in a small network is worked out unasked.
    of_places = {"networkx", "scipy"} if by in ("supplier", "buyer") else set()
    assert {module.partition(".")[0] for module in found} & HEAVY == of_places
    loaders = {module for module in found if module.startswith("civicgraph.seeds_loader.")}
    assert loaders <= LIGHT
    if by is not None:
        assert "civicgraph.api.commands.loading" not in found
