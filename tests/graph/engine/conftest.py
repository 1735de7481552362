"""A store on disk for what runs in processes of its own."""

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OpenStore a store on disk of which the established view has 3,000 triples."""
    path = tmp_path_factory.mktemp("workers") / "store"
    store = Store(str(path))
    view = "<https://w3id.org/civicgraph/ontology#established>"
    lines = "".join(f'<http://e/{n}> <http://e/p> "é {n}" {view} .\n' for n in range(3000))
    store.bulk_load(lines, RdfFormat.N_QUADS)
    store.flush()
    return path
