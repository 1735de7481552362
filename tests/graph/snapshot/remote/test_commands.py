"""Commands over a store on a server print what they print over a data folder."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from civicgraph.api.cli import main
from civicgraph.seeds_loader import load
from tests.graph.remote_server import measured

COUNCIL = "organisation/dover-district-council"
FACTS = Path(load.__file__).parent / "facts"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process."""
    for name in ("CIVICGRAPH_DATA", "CIVICGRAPH_STORE", "CIVICGRAPH_STORE_UPDATE", "CIVICGRAPH_STORE_GRAPHS"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["civicgraph", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code if isinstance(ended.value.code, int) else 0, out, err

    return command


def test_every_command_says_the_same(run: Callable[..., tuple[int, str, str]], port: int, tmp_path: Path) -> None:
    here = ["--data", tmp_path / "here"]
    there = ["--data", tmp_path / "there", "--store", f"http://127.0.0.1:{port}/query#commands"]
    assert run("load", "claims", FACTS, *here) == run("load", "claims", FACTS, *there)
    for words in (
        ["sources", "--json"],
        ["concentration", "--by", "market", "--basis", "services", "--format", "csv"],
        ["concentration", "--by", "supplier", "--format", "json"],
        ["review", "--list"],
        ["check", "--json"],
        ["query", "suppliers-of", "--param", f"council={COUNCIL}", "--format", "csv"],
        ["query", "suppliers-of", "--param", f"council={COUNCIL}", "--format", "json"],
        ["query", "plans", "--format", "ndjson"],
    ):
        assert run(*words, *there) == run(*words, *here), words
    for form in ("gexf", "graphml", "trig"):
        for place, name in ((here, "a"), (there, "b")):
            assert run("export", form, "-o", tmp_path / f"{name}.{form}", *place)[0] == 0
        assert (tmp_path / f"a.{form}").read_bytes() == (tmp_path / f"b.{form}").read_bytes()
    first = next(iter(sorted(FACTS.glob("*.yaml")))).stem.replace("_", "-")
    assert run("unload", first, *there)[0] == 0
    code, _, said = run("undo", *there)
    assert (code, "is served again" in said) == (0, True)
    code, _, said = run("optimize", *there)
    assert (code, "keeps its own files" in said) == (2, True)
    code, _, said = run("undo", *here)
    assert (code, "keeps one snapshot" in said) == (2, True)


def test_places_of_buyers_are_known_on_a_server(councils: tuple[Path, list[str]], port: int, tmp_path: Path) -> None:
    store = ("--store", f"http://127.0.0.1:{port}/query#places", "--graph-store-url", f"http://127.0.0.1:{port}/store")
    _, here = councils
    assert measured(tmp_path / "there", *store) == here
    assert len(here[4].splitlines()) > 100


def test_what_is_wrong_with_a_store_is_two_lines(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    for store, says in (
        ("nonsense", "is not the URL of a SPARQL server"),
        ("http://me:pw@127.0.0.1/", "no user or password"),
    ):
        code, _, said = run("sources", "--data", tmp_path, "--store", store)
        assert (code, said.count("\n"), says in said) == (2, 2, True), said
        assert "me:pw" not in said
