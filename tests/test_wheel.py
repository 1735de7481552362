"""A wheel silently leaves out unlisted packages and data files, so it is held equal to the checkout."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parent.parent
FOLDERS = ("api", "graph", "ontology", "seeds_loader")


SOURCES = ("api/page/build.mjs", "api/page/scripts/", "api/page/tsconfig.json")
"""What the pages' scripts are built from, which no wheel needs."""


def test_wheel_holds_exactly_the_package_files(project_files: list[str], tmp_path: Path) -> None:
    built = built_files()
    tracked = [name for name in project_files if name.partition("/")[0] in FOLDERS and not name.startswith(SOURCES)]
    expected = {f"civicgraph/{name}" for name in tracked + built}
    names = build_wheel(project_files + built, tmp_path)
    found = {name for name in names if ".dist-info/" not in name}
    missing, unknown = sorted(expected - found), sorted(found - expected)
    assert missing == [], "name their package or their ending under [tool.setuptools] in pyproject.toml"
    assert unknown == []
    metadata = {name.split(".dist-info/")[1] for name in names if ".dist-info/" in name}
    assert {"METADATA", "entry_points.txt", "licenses/LICENSE"} <= metadata


def built_files() -> list[str]:
    """List what `make` built of the pages' scripts: all that the manifest names, and what these share."""
    folder = ROOT / "api/page/built"
    assert (folder / "manifest.json").is_file(), "the pages' scripts are not built: make test does it"
    return sorted(path.relative_to(ROOT).as_posix() for path in folder.iterdir())


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
