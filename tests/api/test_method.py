"""The method on screen: every figure's word leads to what it means, and a figure says how it was worked out."""

from pathlib import Path
from typing import get_args

from fastapi.testclient import TestClient

from civicgraph.api.pages.words import measures
from civicgraph.graph.measures.figure_columns import By, columns
from tests.api.read_pages import BROWSER, main_of

DOCS = Path(__file__).parent.parent.parent / "docs/measures.md"


def test_every_column_of_a_figure_is_told_of(seeds: TestClient) -> None:
    main = main_of(seeds, "/method")
    told = set(main.xpath(".//dd/code/text()"))
    for by in get_args(By):
        assert set(columns(by)) - told == set()
    assert len(main.findall("section")) == len(measures())


def test_the_documents_say_the_same() -> None:
    docs = DOCS.read_text(encoding="utf-8").partition("## A market and its parts")[0]
    rows = [line.split(" | ") for line in docs.splitlines() if line.startswith("| `")]
    ranges = {
        name: row[-1].removesuffix(" |").strip()
        for row in rows
        for name in row[0].removeprefix("| ").replace("`", "").split(", ")
    }
    for one in measures():
        for column in one.get("columns", ()):
            if "range" in one and column in ranges and column != "share_before":
                assert ranges[column] == one["range"], column


def test_words_of_figures_lead_to_what_they_mean(tables: TestClient) -> None:
    known = set(main_of(tables, "/method").xpath(".//h2/@id"))
    for path in ("/markets?basis=spend", "/what-if?fails=Alpha+Ltd", "/embed/market?basis=spend"):
        words = main_of(tables, path).xpath(".//a[@class='word']/@href")
        assert words, path
        assert {word.removeprefix("/method#") for word in words} <= known


def test_a_figure_says_how_it_was_worked_out_and_can_be_asked_again(tables: TestClient) -> None:
    worked = main_of(tables, "/markets?basis=spend&from=2019-04-01").xpath(".//details[@class='worked']")[0]
    said = dict(
        zip(
            (" ".join(term.itertext()) for term in worked.findall(".//dt")),
            (" ".join("".join(term.itertext()).split()) for term in worked.findall(".//dd")),
            strict=True,
        )
    )
    assert said["Period"] == "1 April 2019 to the end"
    assert said["Counted by"] == "what was paid or sold"
    figure = tables.get("/concentration.json?by=market&basis=spend&from=2019-04-01").json()[0]
    counted, rows = said["Rests on"].split(" rows")[0].split(" of ")
    assert int(counted) / int(rows) == figure["coverage"] == 0.6
    assert said["Version"] == tables.get("/health").json()["version"]
    for link in worked.findall(".//dd/a"):
        assert tables.get(link.get("href"), headers={"Accept": BROWSER}).status_code == 200
    again = next(
        link.get("href") for link in worked.findall(".//a") if link.get("href", "").startswith("/concentration.json")
    )
    assert tables.get(again).json()[0] == figure
