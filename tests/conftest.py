"""Fixtures that tests in several folders share; what one folder needs stands in its own conftest."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def project_files() -> list[str]:
    """List what git tracks, or would if asked to add everything."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed, and only git says which files belong to the project")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted({name for name in listed if name and (ROOT / name).is_file()})
