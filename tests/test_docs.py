"""The docs hold what the code holds: commands, options, variables, routes, tables; queries run and links lead on."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from civicgraph.api.app import create_app
from civicgraph.api.cli import app
from civicgraph.api.settings import Settings
from civicgraph.api.tables.catalog import TABLES, stored_queries
from civicgraph.graph.edges.filters import FILTERS
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.ontology.read import PREFIXES
from civicgraph.seeds_loader.load import engine_in_memory

ROOT = Path(__file__).parent.parent
EVERYWHERE = ("--data", "--help", "--store", "--update-url", "--graph-store-url")
"""Options of nearly every command, which the docs tell once."""

_AT_THE_TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
PAGES = [*(ROOT / name for name in _AT_THE_TOP), *sorted((ROOT / "docs").rglob("*.md"))]


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _commands() -> dict[str, TyperCommand]:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    found = {name: command for name, command in group.commands.items() if isinstance(command, TyperCommand)}
    for name, inner in group.commands.items():
        if isinstance(inner, TyperGroup):
            found |= {f"{name} {part}": one for part, one in inner.commands.items() if isinstance(one, TyperCommand)}
    return found


@pytest.fixture(scope="module")
def seeds() -> EmbeddedEngine:
    facts = files("civicgraph.seeds_loader") / "facts"
    assert isinstance(facts, Path)
    return engine_in_memory([facts])


@pytest.mark.parametrize("name", sorted(_commands()))
def test_command_is_documented_with_its_options(name: str) -> None:
    text = _text("docs/commands.md")
    section = re.search(rf"^## {name}\b.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None, f"docs/commands.md has no section {name}"
    # What every command with filters takes is told once.
    filters = re.search(r"^### Filters.*?(?=^## )", text, re.MULTILINE | re.DOTALL)
    assert filters is not None
    shared = {f"--{one.replace('_', '-')}" for one in FILTERS}
    for parameter in _commands()[name].params:
        for option in parameter.opts:
            if option.startswith("-") and option not in EVERYWHERE:
                told = filters[0] if option in shared and "(#filters)" in section[0] else section[0]
                assert option in told, f"{option} of {name}"
        for variable in [parameter.envvar] if isinstance(parameter.envvar, str) else parameter.envvar or []:
            assert variable in text, variable


def test_documented_commands_exist() -> None:
    documented = set(re.findall(r"^## ((?:what-if|claims) \w+|\w+)", _text("docs/commands.md"), re.MULTILINE))
    assert documented == set(_commands())


def test_every_route_is_documented() -> None:
    paths = create_app(Settings(ROOT / "unused")).openapi()["paths"]
    known = (("tables", "name", TABLES), ("queries", "query", stored_queries()))
    data = {f"/{at}/{one}.{{form}}": f"/{at}/{{{word}}}.{{form}}" for at, word, names in known for one in names}
    routes = {data.get(path, path) for path in paths}
    text = _text("docs/http.md")
    assert [route for route in routes if f"`{route}`" not in text] == []


def test_every_table_is_documented_with_its_columns() -> None:
    text = _text("docs/http.md")
    for name, table in TABLES.items():
        assert [word for word in (name, *table.columns) if f"`{word}`" not in text] == []


def _queries() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        blocks = re.findall(r"```sparql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        found += [(f"{page.name}-{number}", block) for number, block in enumerate(blocks, 1)]
    return found


@pytest.mark.parametrize(("name", "sparql"), _queries(), ids=[name for name, _ in _queries()])
def test_query_in_the_docs_finds_something(name: str, sparql: str, seeds: EmbeddedEngine) -> None:
    assert list(seeds.select(sparql)), name


def _links() -> list[tuple[Path, str]]:
    pattern = re.compile(r"\]\(([^)]+)\)")
    return [(page, link) for page in PAGES for link in pattern.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("page", "link"), _links(), ids=lambda value: str(value)[-40:])
def test_link_leads_somewhere(page: Path, link: str) -> None:
    if link.startswith("https://"):
        return
    target, _, anchor = link.partition("#")
    file = (page.parent / target) if target else page
    assert file.exists()
    if anchor:
        headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_prefixes_of_the_docs_are_the_projects() -> None:
    used = {
        prefix
        for _, sparql in _queries()
        for prefix in re.findall(r"\b([a-z]+):[A-Za-z*]", re.sub(r"<[^>]*>", "", sparql))
    }
    assert used <= set(PREFIXES)
