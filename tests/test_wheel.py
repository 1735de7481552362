"""A wheel silently leaves out unlisted packages and data files, so it is held equal to the checkout."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parent.parent
FOLDERS = ("api", "graph", "ontology", "seeds_loader")


def test_wheel_holds_exactly_the_package_files(project_files: list[str], tmp_path: Path) -> None:
    expected = {f"civicgraph/{name}" for name in project_files if name.partition("/")[0] in FOLDERS}
    names = build_wheel(project_files, tmp_path)
    found = {name for name in names if ".dist-info/" not in name}
    missing, unknown = sorted(expected - found), sorted(found - expected)
    assert missing == [], "name their package or their ending under [tool.setuptools] in pyproject.toml"
    assert unknown == []
    metadata = {name.split(".dist-info/")[1] for name in names if ".dist-info/" in name}
    assert {"METADATA", "entry_points.txt", "licenses/LICENSE"} <= metadata


def build_wheel(project_files: list[str], folder: Path) -> list[str]:
    """List a wheel built by way of the sdist, in a copy, so that no earlier build leaks into it."""
    copy = folder / "checkout"
    for name in project_files:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    out = folder / "dist"
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(copy)]
    built = subprocess.run(command, check=False, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = out.glob("*.whl")
    with ZipFile(path) as archive:
        return archive.namelist()
