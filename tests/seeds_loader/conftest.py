"""What the tests of the loaders share: a small article of our own with claims about it, and the seed facts.

The five articles that the seed facts are about belong to their publishers and lie beside the checkout, if anywhere.
"""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader import load
from civicgraph.seeds_loader.claims.claims_file import ClaimsFile, read_claims
from civicgraph.seeds_loader.claims.documents import Documents

ARTICLES = Path(__file__).parents[3] / "shared/seeds"
FACTS = sorted((Path(load.__file__).parent / "facts").glob("*.yaml"))
ARTICLE = (
    "Ashby Council pays £5m a year to Alpha Ltd for payroll. It plans to turn to Beta Ltd in 2016, says Ann Poe.\n"
)

_DOCUMENT = {
    "file": "article.txt",
    "sha256": hashlib.sha256(ARTICLE.encode()).hexdigest(),
    "characters": str(len(ARTICLE)),
    "label": "Example Weekly, 3 March 2014",
    "publisher": "organisation/example-weekly",
    "author": "person/ann-poe",
    "issued": "2014-03-03",
    "issuedEarliest": "2014-03-03",
    "issuedLatest": "2014-03-03",
    "trust": "reporting",
}
_THINGS = """\
  organisation/ashby-council: {class: Council, label: Ashby Council, spelled: [Ashby Council]}
  organisation/alpha: {class: Company, label: Alpha Limited, spelled: [Alpha Ltd]}
  organisation/beta: {class: Company, label: Beta Limited, spelled: [Beta Ltd]}
  organisation/example-weekly: {class: Organisation, label: Example Weekly}
  person/ann-poe: {class: Person, label: Ann Poe}
  place/ashby: {class: Place, label: Ashby}
  service/payroll: {label: Payroll for Ashby Council}
  contract/payroll: {label: Payroll contract of Ashby Council}
  event/move: {label: Move of Ashby's payroll to Beta (planned)}
"""


@pytest.fixture(scope="session")
def facts() -> list[Path]:
    return FACTS


@pytest.fixture(scope="session")
def articles() -> Path:
    if not ARTICLES.is_dir():
        pytest.skip(f"the five articles are not at {ARTICLES}: their text is not kept in this repository")
    return ARTICLES


@pytest.fixture(scope="session")
def article_texts(articles: Path) -> dict[str, str]:
    # By bytes: offsets count the characters of the file as it is, line ends included.
    return {path.stem: path.read_bytes().decode("utf-8") for path in sorted(articles.glob("*.txt"))}


@pytest.fixture(scope="session")
def seed_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ClaimsFile]:
    """Read the seed facts, with the articles at hand where they are."""
    documents = Documents(tmp_path_factory.mktemp("register"))
    if ARTICLES.is_dir():
        documents.add_folder(ARTICLES)
    return {path.stem: read_claims(path, documents) for path in FACTS}


@pytest.fixture(scope="session")
def seeds() -> EmbeddedEngine:
    """Hold the seed facts, and nothing else."""
    return load.engine_in_memory(FACTS)


@pytest.fixture(scope="session")
def seeds_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Name a data folder that holds the seed facts. Nothing writes to it."""
    data = tmp_path_factory.mktemp("seeds") / "data"
    load.load_claims(DataFolder(data), FACTS)
    return data


@pytest.fixture
def seeds_folder(seeds_data: Path, tmp_path: Path) -> DataFolder:
    """Hold a copy of it that a test may change."""
    shutil.copytree(seeds_data, tmp_path / "data", symlinks=True)
    return DataFolder(tmp_path / "data")


@pytest.fixture
def article(tmp_path: Path) -> Path:
    """Keep the small article in a folder of its own."""
    path = tmp_path / "articles" / "article.txt"
    path.parent.mkdir()
    path.write_bytes(ARTICLE.encode())
    return path


@pytest.fixture
def claims_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a claims file about the small article: claims, more things, and fields of the document that differ."""

    def write(claims: str = "", *, things: str = "", name: str = "claims.yaml", **document: str | None) -> Path:
        described = (f"  {field}: {value}\n" for field, value in (_DOCUMENT | document).items() if value is not None)
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        text = f"document:\n{''.join(described)}things:\n{_THINGS}{things}claims:\n{claims}"
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return write
