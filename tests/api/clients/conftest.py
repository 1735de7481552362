"""What the tests of named clients share: a server over the seed facts, and the snippets of docs/clients.

Each test speaks as its client does, and runs what the client's page says to type.
"""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

PAGES: Final = Path(__file__).parents[3] / "docs/clients"
DOCUMENTED: Final = "http://127.0.0.1:8000"
"""The address that the pages name."""

ENDLESS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n0 ?o . ?p ?q ?r }"


@pytest.fixture(scope="session")
def address(seeds_data: Path, command: Path) -> Iterator[str]:
    """Serve the seed facts from a process of its own; give the address."""
    with served(command, seeds_data) as at:
        yield at


@pytest.fixture(scope="session")
def hurried(seeds_data: Path, command: Path) -> Iterator[str]:
    """Serve them from one that gives a query one second and an answer a thousand rows; give the address."""
    with served(command, seeds_data, "--timeout", "1", "--max-rows", "1000") as at:
        yield at


@contextmanager
def served(command: Path, data: Path, *options: str) -> Iterator[str]:
    """Serve a data folder; give the address."""
    words: list[str | Path] = [command, "serve", "--data", data, "--port", "0", *options]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        first = running.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found, first
        try:
            yield found[0]
        finally:
            running.terminate()


@pytest.fixture
def snippet(address: str) -> Callable[..., str]:
    """Return the n-th block in a language of a client's page, with the address of the running server in it."""

    def block(page: str, language: str, number: int = 1) -> str:
        text = (PAGES / page).read_text(encoding="utf-8")
        found = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
        assert len(found) >= number, f"{page} has {len(found)} blocks of {language}"
        assert DOCUMENTED in found[number - 1]
        return str(found[number - 1]).replace(DOCUMENTED, address)

    return block


@pytest.fixture
def endless() -> str:
    """Give a query that no machine answers in time."""
    return ENDLESS
