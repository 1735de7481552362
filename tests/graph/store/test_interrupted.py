"""A load that ends in the middle, however it ends: the old snapshot answers, and the next load works."""

import io
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.ontology.read import rules
from civicgraph.seeds_loader.load import load_rdf, unload

RULES = [rule.name for rule in rules()]
STEPS = ["reading new.nq", "ontology", "sources", RULES[len(RULES) // 2], "done"]
# Beginnings of what the load does to the folder, in this order; at the last the new snapshot is the current one.
CHANGES = [
    "os.rename",  # the source is kept under the name of its digest
    "shutil.rmtree",
    "os.rename manifest.json.partial",
    r"os.rename \w+.building",
    "os.symlink",
    "os.rename current.next",
    "os.remove readers",
    "os.rmdir store",
]
SWITCH = "os.rename current.next current"

LOAD = """
import os, resource, signal, sys
from pathlib import Path
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_rdf
data, new, wanted = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
"""
KILLED_AT_A_STEP = """
def progress(step):
    if step == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
load_rdf(DataFolder(data), [new], progress=progress)
"""
KILLED_AT_A_CHANGE = """
import re
EVENTS = {"os.mkdir", "os.rename", "os.symlink", "os.remove", "os.rmdir", "shutil.rmtree"}
def hook(event, arguments):
    if event in EVENTS:
        change = " ".join([event, *(Path(str(each)).name for each in arguments[:2])])
        if re.match(wanted, change):
            os.kill(os.getpid(), signal.SIGKILL)
        print(change, flush=True)
def progress(step):
    if step.startswith("reading"):
        sys.addaudithook(hook)
load_rdf(DataFolder(data), [new], progress=progress)
"""
WITHOUT_ROOM = """
resource.setrlimit(resource.RLIMIT_FSIZE, (int(wanted), int(wanted)))
load_rdf(DataFolder(data), [new])
"""


class Case:
    """A data folder with one source loaded, another that is to come, and what the graph is before and after."""

    def __init__(self, path: Path) -> None:
        self.template = DataFolder(path / "data")
        self.new = path / "new.nq"
        old = path / "old.nq"
        old.write_text('<http://e/old> <http://e/p> "old" <http://e/g> .\n')
        # Longer than the least room that a test leaves.
        self.new.write_text("".join(f'<http://e/new> <http://e/p> "new {n}" <http://e/g> .\n' for n in range(200)))
        load_rdf(self.template, [old])
        self.before, self.manifest = trig(self.template), self.template.manifest()
        whole = DataFolder(path / "whole")
        load_rdf(whole, [old, self.new])
        self.after = trig(whole)

    def copy(self, path: Path) -> DataFolder:
        # Nothing in a folder is changed in place, so that links are as good as copies.
        shutil.copytree(self.template.path, path, symlinks=True, copy_function=os.link)
        return DataFolder(path)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(tmp_path_factory.mktemp("case"))


@pytest.fixture
def folder(case: Case, tmp_path: Path) -> DataFolder:
    return case.copy(tmp_path / "data")


def trig(folder: DataFolder) -> bytes:
    out = io.BytesIO()
    with folder.open() as snapshot:
        write_trig(snapshot.engine.store, out)
    return out.getvalue()


def run(script: str, case: Case, folder: DataFolder, wanted: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LOAD + script, str(folder.path), str(case.new), wanted]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def check_next_load(case: Case, folder: DataFolder) -> None:
    """Load what was interrupted, and see that nothing of the first attempt is left."""
    load_rdf(folder, [case.new])
    assert trig(folder) == case.after
    manifest = folder.manifest()
    assert manifest is not None
    snapshot = f"snapshots/{manifest.version}"
    found = {str(path.relative_to(folder.path)) for path in folder.path.rglob("*")}
    kept = {name for name in found if name.startswith("sources/")}
    assert {Path(name).stem for name in kept} == {source.digest for source in manifest.sources}
    assert {name for name in found - kept if "/store/" not in name} == {
        *("lock", "current", "sources", "snapshots"),
        *(
            snapshot,
            f"{snapshot}/manifest.json",
            f"{snapshot}/readers",
            f"{snapshot}/store",
            f"{snapshot}/edges.duckdb",
        ),
    }


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step(case: Case, folder: DataFolder, step: str) -> None:
    done = run(KILLED_AT_A_STEP, case, folder, step)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert trig(folder) == case.before
    assert folder.manifest() == case.manifest
    check_next_load(case, folder)


@pytest.mark.parametrize("change", CHANGES)
def test_killed_just_before_a_change_to_the_folder(case: Case, folder: DataFolder, change: str) -> None:
    done = run(KILLED_AT_A_CHANGE, case, folder, change)
    assert done.returncode == -signal.SIGKILL, done.stderr
    # There is no state between the old and the new.
    assert trig(folder) == (case.after if SWITCH in done.stdout.splitlines() else case.before)
    check_next_load(case, folder)


def test_a_snapshot_that_was_half_removed_is_not_served_when_its_sources_come_back(
    case: Case, folder: DataFolder
) -> None:
    done = run(KILLED_AT_A_CHANGE, case, folder, "os.rmdir store")
    assert done.returncode == -signal.SIGKILL, done.stderr
    unload(folder, "new")
    assert trig(folder) == case.before
    assert folder.manifest() == case.manifest


@pytest.mark.parametrize("room", [0, 20_000, 100_000])
def test_without_room_to_write(case: Case, folder: DataFolder, room: int) -> None:
    done = run(WITHOUT_ROOM, case, folder, str(room))
    assert done.returncode == 1, done.stderr
    assert "OSError" in done.stderr
    assert trig(folder) == case.before
    check_next_load(case, folder)


@pytest.mark.parametrize("step", ["sources", "done"])
def test_interrupted_at_a_step(case: Case, folder: DataFolder, step: str) -> None:
    def progress(begun: str) -> None:
        if begun == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_rdf(folder, [case.new], progress=progress)
    assert trig(folder) == case.before
    check_next_load(case, folder)
