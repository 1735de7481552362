"""The ontology's files and the seed facts, each read once."""

from importlib.resources import files
from pathlib import Path

import pytest

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.snapshot.check import Finding, check
from civicgraph.seeds_loader.load import engine_in_memory


@pytest.fixture(scope="session")
def seeds() -> EmbeddedEngine:
    with_facts = Path(str(files("civicgraph.seeds_loader"))) / "facts"
    return engine_in_memory([with_facts])


@pytest.fixture(scope="session")
def seed_findings(seeds: EmbeddedEngine) -> list[Finding]:
    """Check the seeds once: SHACL takes seconds."""
    return check(seeds)
