"""The examples of docs/python.md, run in their order as a reader would."""

import re
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

PAGE = Path(__file__).parent.parent / "docs/python.md"


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return what the examples leave behind, by name, and what they print as `told`."""
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), found)  # noqa: S102 - the project's own page
    return {**found, "told": capsys.readouterr().out}


def test_examples_of_the_page_do_what_it_says(names: dict[str, Any], tmp_path: Path) -> None:
    assert "0 files that could not be read" in names["told"]
    assert "no place is called 'Atlantis'" in names["told"]
    written = nx.read_gexf(tmp_path / "canterbury.gexf")
    assert {data["label"] for _, data in written.nodes(data=True)} == {"Canterbury City Council", "East Kent Services"}
    assert written.number_of_edges() == names["graph"].number_of_edges()
    assert {hit["supplier"] for hit in names["hits"]} == {"East Kent Services"}
    assert names["rows"][0].keys() == {"council", "supplier"}
    # All shares of a market; networkx and SQL agree.
    assert sum(party["share"] for party in names["shares"].values()) == pytest.approx(1)
    assert names["whole"]["hhi_low"] <= names["whole"]["hhi"] <= names["whole"]["hhi_high"]
    assert nx.read_graphml(tmp_path / "contracts.graphml").number_of_nodes() > 1
