"""What the tests of named clients share: a server over the seed facts, and the snippets of docs/clients.

Each test speaks as its client does, and runs what the client's page says to type.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import httpx2
import pytest

from civicgraph.graph.snapshot.snapshot import DataFolder

Served = Callable[..., AbstractContextManager[str]]

PAGES: Final = Path(__file__).parents[3] / "docs/clients"
DOCUMENTED: Final = "http://127.0.0.1:8000"
"""The address that the pages name."""

ENDLESS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n0 ?o . ?p ?q ?r }"


@pytest.fixture(scope="session")
def address(seeds_data: Path, served: Served) -> Iterator[str]:
    """Serve the seed facts from a process of its own; give the address."""
    with served(seeds_data) as at:
        yield at


@pytest.fixture(scope="session")
def at_records(records: DataFolder, served: Served) -> Iterator[str]:
    """Serve a few contracts and payments from a process of its own; give the address."""
    with served(records.path) as at:
        yield at


@pytest.fixture
def figures(at_records: str) -> Callable[[str], dict[str, float]]:
    """Return what the figures say that each supplier has on a basis, without those that have nothing."""

    def by_supplier(basis: str) -> dict[str, float]:
        answer = httpx2.get(f"{at_records}/concentration.json", params={"by": "supplier", "basis": basis})
        return {row["name"]: row["total"] for row in answer.json() if row["total"]}

    return by_supplier


@pytest.fixture(scope="session")
def hurried(seeds_data: Path, served: Served) -> Iterator[str]:
    """Serve them from one that gives a query one second and an answer a thousand rows; give the address."""
    with served(seeds_data, "--timeout", "1", "--max-rows", "1000") as at:
        yield at


@pytest.fixture
def page(address: str) -> Callable[[str, str], list[str]]:
    """Return the blocks in a language of a client's page, with the address of the running server in them."""

    def blocks(name: str, language: str) -> list[str]:
        text = (PAGES / name).read_text(encoding="utf-8")
        return [one.replace(DOCUMENTED, address) for one in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)]

    return blocks


@pytest.fixture
def snippet(page: Callable[[str, str], list[str]], address: str) -> Callable[..., str]:
    """Return the n-th of those, which names the server."""

    def block(name: str, language: str, number: int = 1) -> str:
        found = page(name, language)
        assert len(found) >= number, f"{name} has {len(found)} blocks of {language}"
        assert address in found[number - 1]
        return found[number - 1]

    return block


@pytest.fixture
def endless() -> str:
    """Give a query that no machine answers in time."""
    return ENDLESS
