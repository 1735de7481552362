"""Fixtures that tests in several folders share; what one folder needs stands in its own conftest."""

import gc
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says nothing about whether it is right.
settings.register_profile("house", max_examples=40, deadline=None)
settings.load_profile("house")

ROOT = Path(__file__).parent.parent

# What importing and collecting makes stays to the end: to look through it for garbage takes longer than to make it.
gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage from here on, and only in what tests make."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def project_files() -> list[str]:
    """List what git tracks, or would if asked to add everything."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed, and only git says which files belong to the project")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted({name for name in listed if name and (ROOT / name).is_file()})


@contextmanager
def _served(data: Path, *options: str, **environment: str) -> Iterator[str]:
    command: list[str | Path] = [
        Path(sys.executable).with_name("civicgraph"),
        "serve",
        "--data",
        data,
        "--port",
        "0",
        *options,
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}) as running:
        assert running.stderr is not None
        first = running.stderr.readline()
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+", first)
            assert found, first
            yield found[0]
        finally:
            running.terminate()


@pytest.fixture(scope="session")
def served() -> Callable[..., AbstractContextManager[str]]:
    """Serve a data folder from a process of its own, with more options and variables; give the address."""
    return _served
