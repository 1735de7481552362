"""A function over many things in processes of its own: in order, and nothing of it stays behind."""

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import ModuleType

import pytest

from civicgraph.seeds_loader.parallel import cores, parallel_map

FUNCTIONS = """
import os, signal, time

def squared(number):
    return number * number, os.getpid()

def refused(number):
    raise ValueError(f"not {number}")

def killed(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number

def asleep(number):
    print(os.getpid(), flush=True)
    time.sleep(600)
"""
WAITING = """
import sys
sys.path.insert(0, sys.argv[1])
from functions_of_test import asleep
from civicgraph.seeds_loader.parallel import parallel_map
if __name__ == "__main__":
    with parallel_map(asleep, 2) as over:
        list(over([1, 2]))
"""


@pytest.fixture
def functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Functions of a module that any process finds: tests are not a module of theirs."""
    (tmp_path / "functions_of_test.py").write_text(FUNCTIONS)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("functions_of_test")
    del sys.modules["functions_of_test"]


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_things(functions: ModuleType, processes: int) -> None:
    with parallel_map(functions.squared, processes) as over:
        found = list(over(range(200)))
        again = list(over(range(3)))
    assert [square for square, _ in found] == [number * number for number in range(200)]
    assert [square for square, _ in again] == [0, 1, 4]
    assert (os.getpid() in {pid for _, pid in found}) == (processes == 1)


@pytest.mark.parametrize("processes", [1, 2])
def test_what_the_function_raises_is_raised_here(functions: ModuleType, processes: int) -> None:
    with pytest.raises(ValueError, match="not 7"), parallel_map(functions.refused, processes) as over:
        next(iter(over([7, 8])))


def test_only_a_few_things_are_taken_ahead(functions: ModuleType) -> None:
    things = iter(range(1_000))
    with parallel_map(functions.squared, 2) as over:
        next(over(things))
        assert next(things) < 20


def test_a_process_that_is_killed_is_told(functions: ModuleType) -> None:
    with pytest.raises(BrokenProcessPool), parallel_map(functions.killed, 2) as over:
        list(over(range(10)))


def test_cores_are_those_this_process_may_use() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_no_process_outlives_one_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "functions_of_test.py").write_text(FUNCTIONS)
    (tmp_path / "waiting.py").write_text(WAITING)
    command = [sys.executable, str(tmp_path / "waiting.py"), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(parent.stdout.readline()) for _ in range(2)]
        parent.kill()
        # The pipe ends once nobody is left who could write to it.
        assert parent.stdout.read() == ""
    deadline = time.monotonic() + 60
    while any(map(_is_there, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_is_there, pids))


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Where nobody reaps orphans they stay as zombies.
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
