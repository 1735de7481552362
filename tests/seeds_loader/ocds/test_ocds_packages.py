"""Releases are found in every form that publishers give them in, and a torn file is told as such."""

import gzip
import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode

from civicgraph.graph.records.quads import source_quads
from civicgraph.graph.records.types import Published, Rejection, Source
from civicgraph.graph.snapshot.check import check
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.load_records import load_ocds
from civicgraph.seeds_loader.ocds import releases as stream
from civicgraph.seeds_loader.ocds.releases import Found
from tests.seeds_loader.ocds.reading import processes


def release(number: int, **fields: object) -> dict[str, Any]:
    return {
        "ocid": f"ocds-x-{number}",
        "id": f"{number}-a",
        "date": "2024-01-01T00:00:00Z",
        "tag": ["tender"],
        **fields,
    }


THREE = [release(1), release(2), release(3)]
FORMS: dict[str, str] = {
    "package.json": json.dumps({"uri": "u", "publisher": {"name": "p"}, "releases": THREE}, indent=1),
    "one-line.json": json.dumps({"releases": THREE}),
    "array.json": json.dumps(THREE, indent=1),
    "array-line.json": json.dumps(THREE),
    "lines.jsonl": "\n".join(map(json.dumps, THREE)),
    "lines.json": "\n\n".join(map(json.dumps, THREE)) + "\n",
    "bom.jsonl": "\ufeff" + "\n".join(map(json.dumps, THREE)),
    "packages.ndjson": json.dumps({"releases": THREE[:2]}) + "\n" + json.dumps({"releases": THREE[2:]}),
    "records.json": json.dumps({"records": [{"ocid": r["ocid"], "compiledRelease": r} for r in THREE]}, indent=1),
    "records-of-releases.json": json.dumps({"records": [{"ocid": r["ocid"], "releases": [r]} for r in THREE]}),
}


def write(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize("name", ["package.json", "packages.jsonl"])
def test_what_a_package_says_of_itself_is_known_of_its_source(tmp_path: Path, name: str) -> None:
    licence = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
    publisher = {"name": "Cabinet Office", "uri": "https://www.gov.uk/government/organisations/cabinet-office"}
    package = {"uri": "https://example.org/p1", "publishedDate": "2026-09-03T23:31:32+01:00", "publisher": publisher}
    text = json.dumps(package | {"license": licence, "releases": THREE}, indent=None if "lines" in name else 1)
    path = write(tmp_path, name, "\ufeff" + (text if name.endswith("json") else json.dumps(json.loads(text))))
    assert stream.published(path) == Published(
        licence, publisher["name"], publisher["uri"], "https://example.org/p1", date(2026, 9, 3)
    )
    folder = DataFolder(tmp_path / "data")
    load_ocds(folder, [path])
    asked = "SELECT ?licence ?name { ?s a cg:Source ; dct:license ?licence ; dct:publisher/foaf:name ?name }"
    with folder.open() as snapshot:
        assert [
            [row[key] for key in row]
            for row in snapshot.engine.select("PREFIX foaf: <http://xmlns.com/foaf/0.1/> " + asked)
        ] == [[NamedNode(licence), Literal("Cabinet Office")]]
        assert not [one for one in check(snapshot.engine) if one.severity == "Violation"]


@pytest.mark.parametrize(
    "text", [FORMS["lines.jsonl"], FORMS["array.json"], '{"license": ', '{"releases": [{"license": "x"}]}', "[" * 5000]
)
def test_what_is_said_elsewhere_is_not_the_licence(tmp_path: Path, text: str) -> None:
    assert stream.published(write(tmp_path, "x.json", text)) == Published()


@pytest.mark.parametrize("stated", ["Open Government Licence", "https://example.org/a licence"])
def test_a_licence_in_words_is_the_rights(stated: str) -> None:
    quads = set(source_quads(Source("x", "X", "0" * 64, Published(licence=stated, publisher="Ashby Council"))))
    said = {(quad.predicate.value.rpartition("/")[2], quad.object) for quad in quads}
    assert {("rights", Literal(stated)), ("name", Literal("Ashby Council"))} <= said
    assert not any(name == "license" for name, _ in said)


def read(path: Path) -> tuple[list[Sequence[Found]], list[Rejection]]:
    found: list[Sequence[Found]] = []
    rejected: list[Rejection] = []
    for each in processes(path):
        if isinstance(each, Rejection):
            rejected.append(each)
        else:
            found.append(each)
    return found, rejected


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", FORMS)
def test_every_form(tmp_path: Path, name: str, packed: bool) -> None:
    data = FORMS[name].encode()
    path = write(tmp_path, name + (".gz" if packed else ""), gzip.compress(data) if packed else data)
    found, rejected = read(path)
    assert not rejected
    assert sorted(together[0].ocid for together in found) == ["ocds-x-1", "ocds-x-2", "ocds-x-3"]
    assert all(len(together) == 1 for together in found)


def test_one_release_over_many_lines(tmp_path: Path) -> None:
    found, rejected = read(write(tmp_path, "release.json", json.dumps(release(7, tender={"title": "t"}), indent=2)))
    assert not rejected
    assert found[0][0].release["tender"] == {"title": "t"}


def test_releases_of_one_process_come_together_after_the_others(tmp_path: Path) -> None:
    lines = [release(1), release(2), release(1, id="later"), release(3), release(1)]
    found, _ = read(write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, lines))))
    assert [[one.line for one in together] for together in found] == [[2], [4], [1, 3]]


def test_an_escaped_ocid_is_the_same(tmp_path: Path) -> None:
    escaped = json.dumps(release(1, id="b")).replace("ocds-x-1", "ocds\\u002dx-1")
    found, _ = read(write(tmp_path, "a.jsonl", json.dumps(release(1)) + "\n" + escaped))
    assert [len(together) for together in found] == [2]


def bomb(depth: int) -> str:
    return '{"ocid": "ocds-x-9", "a": ' + "[" * depth + "]" * depth + "}"


@pytest.mark.parametrize(
    ("bad", "field", "reason"),
    [
        (b'{"ocid": "ocds-x-9", "tender": {"ti', "line", "not JSON"),
        (b'{"id": "no ocid"}', "ocid", "no ocid"),
        (b'{"ocid": null}', "ocid", "no ocid"),
        (b"17", "release", "not an object"),
        (bomb(5000).encode(), "line", "deep"),
        (b'{"ocid": "ocds-x-9", "v": ' + b"9" * 5000 + b"}", "line", "not JSON"),
        (b'{"records": [{"ocid": "ocds-x-9", "releases": [{"url": "u"}]}]}', "releases", "by address only"),
        (b'{"ocid": "ocds-x-9", "versionedRelease": {"ocid": "ocds-x-9"}}', "releases", "as versions"),
        (b'{"ocid": "ocds-x-9", "t": "' + b"x" * 1000 + b'"}', "line", "longer than"),
    ],
)
def test_a_bad_line_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: bytes, field: str, reason: str
) -> None:
    if reason == "longer than":
        monkeypatch.setattr(stream, "MAX_LINE", 900)
    good = [json.dumps(release(number)).encode() for number in (1, 2)]
    found, rejected = read(write(tmp_path, "a.jsonl", b"\n".join([good[0], bad, good[1]])))
    assert [together[0].ocid for together in found] == ["ocds-x-1", "ocds-x-2"]
    assert [(one.line, one.field) for one in rejected] == [(2, field)]
    assert reason in rejected[0].reason


BAD_TOKENS = [
    (b'"v": NaN', "NaN", "NaN"),
    (b'"v": -Infinity', "-Infinity", "Infinity"),
    (b'"v": 1e9999', "1e9999", ""),
    (b'"v": "caf\xe9"', "café", "not UTF-8"),
    (b'"v": "a\0b"', "a\0b", ""),
    (b'"v": "\\ud800x"', "?x", ""),
    (b'"v": 1, "v": 1', "1", ""),
]


@pytest.mark.parametrize("form", ["line", "document", "wrapped"])
@pytest.mark.parametrize(("token", "kept", "said"), BAD_TOKENS, ids=[str(token) for token, *_ in BAD_TOKENS])
def test_a_bad_token_costs_only_its_field(tmp_path: Path, token: bytes, kept: str, said: str, form: str) -> None:
    bad = json.dumps(release(2)).encode()[:-1] + b", " + token + b"}"
    good = json.dumps(release(1)).encode()
    whole = {
        "line": good + b"\n" + bad,
        "document": b'{\n"releases": [' + good + b",\n" + bad + b"]}",
        "wrapped": b'{"results": [{"releases": [' + good + b", " + bad + b"]}]}",
    }[form]
    found, told = read(write(tmp_path, "a.json", whole))
    values = [one.release.get("v") for (one,) in found]
    assert [str(value) for value in values] == ["None", kept]
    assert all(one.partial and said in one.reason for one in told)
    assert bool(said) == bool(told)


@pytest.mark.parametrize("indent", [None, 1])
def test_a_repeated_key_costs_only_its_field(tmp_path: Path, indent: int | None) -> None:
    tender = {"title": "Roofs", "id": "t"}
    text = json.dumps({"uri": "u", "releases": [THREE[0], release(2, tender=tender), THREE[2]]}, indent=indent)
    found, told = read(write(tmp_path, "a.json", text.replace('"id": "t"', '"id": "t", "id": "b", "id": "c"')))
    assert [group[0].ocid for group in found] == ["ocds-x-1", "ocds-x-2", "ocds-x-3"]
    assert found[1][0].release["tender"] == {"title": "Roofs"}
    assert [(one.field, one.record, one.partial) for one in told] == [("id", "ocds-x-2", True)]


def test_lists_of_releases_under_one_key_are_all_read(tmp_path: Path) -> None:
    halves = ", ".join(f'"releases": {json.dumps(some)}' for some in (THREE[:1], THREE[1:]))
    found, told = read(write(tmp_path, "a.json", "{" + halves + "}"))
    assert ([group[0].ocid for group in found], told) == (["ocds-x-1", "ocds-x-2", "ocds-x-3"], [])


def test_an_ocid_given_twice_is_none(tmp_path: Path) -> None:
    text = f'{json.dumps(THREE[0])}\n{{"ocid": "ocds-x-8", "ocid": "ocds-x-9", "id": "7"}}\n'
    found, told = read(write(tmp_path, "a.jsonl", text))
    assert [group[0].ocid for group in found] == ["ocds-x-1"]
    assert [(one.field, one.partial) for one in told] == [("ocid", True), ("ocid", False)]


WRAPPED: list[object] = [
    {"results": [{"uri": "u", "releases": THREE}], "maxPages": 1},
    {"hits": [{"release": one} for one in THREE]},
    {"took": 3, "hits": {"total": 3, "hits": [{"_id": one["ocid"], "_source": one} for one in THREE]}},
    {"releasePackages": [{"releases": THREE[:1]}, {"releases": THREE[1:]}]},
    [{"releases": THREE[:2]}, {"releases": THREE[2:]}],
    {"data": {"records": [{"ocid": one["ocid"], "compiledRelease": one} for one in THREE]}},
]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("wrapped", WRAPPED, ids=range(len(WRAPPED)))
def test_packages_are_found_however_they_are_wrapped(tmp_path: Path, wrapped: object, indent: int | None) -> None:
    found, rejected = read(write(tmp_path, "a.json", json.dumps(wrapped, indent=indent)))
    assert not rejected
    assert sorted(group[0].ocid for group in found) == ["ocds-x-1", "ocds-x-2", "ocds-x-3"]


def test_a_line_of_fifty_megabytes(tmp_path: Path) -> None:
    long = b'{"ocid": "ocds-x-9", "t": "' + b"x" * 50_000_000 + b'"}'
    good = json.dumps(release(1)).encode()
    found, rejected = read(write(tmp_path, "a.jsonl.gz", gzip.compress(good + b"\n" + long + b"\n" + good, 1)))
    assert [len(together) for together in found] == [1]
    assert [(one.line, one.reason) for one in rejected] == [(2, "longer than 10 MB")]


def test_a_document_too_large_to_read_at_once_says_how_to_divide_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MAX_DOCUMENT", 100)
    with pytest.raises(SourceFileError, match=r"one JSON document .*; give its releases one a line"):
        read(write(tmp_path, "a.json", FORMS["package.json"]))


WHOLE = gzip.compress("\n".join(json.dumps(release(n)) for n in range(2000)).encode())
TORN: dict[str, tuple[str, Callable[[Path], object]]] = {
    "empty": ("empty", lambda p: p.write_bytes(b"")),
    "blank": ("empty", lambda p: p.write_bytes(b"\n \n")),
    "a folder": ("directory", lambda p: p.mkdir()),
    "nothing there": ("No such file", lambda p: p),
    "gzip cut short": ("cut short", lambda p: p.write_bytes(WHOLE[: len(WHOLE) // 2])),
    "gzip damaged": ("gzip", lambda p: p.write_bytes(WHOLE[:40] + b"\xff" * 60 + WHOLE[100:])),
    "UTF-16": ("UTF-16", lambda p: p.write_bytes(json.dumps(THREE).encode("utf-16"))),
    "no JSON": ("not JSON", lambda p: p.write_bytes(b"a,b\n1,2\n")),
    "other JSON lines": ("ocid", lambda p: p.write_bytes(b'{"a": 1}\n{"a": 2}\n')),
    "another document": ("neither", lambda p: p.write_text(json.dumps({"type": "Feature", "b": [1]}, indent=1))),
    "document cut short": ("not sound JSON", lambda p: p.write_text(json.dumps({"releases": THREE}, indent=1)[:-90])),
    "document of nothing": ("ocid", lambda p: p.write_text(json.dumps({"uri": "u", "releases": []}, indent=1))),
    "deep document": ("deep", lambda p: p.write_text('{\n"releases": [\n' + "[" * 300_000)),
}


@pytest.mark.parametrize("case", TORN)
def test_a_torn_file_is_told_before_anything_is_read_from_it(tmp_path: Path, case: str) -> None:
    reason, make = TORN[case]
    path = tmp_path / "torn.json"
    make(path)
    with pytest.raises(SourceFileError, match=r"torn\.json") as caught:
        next(processes(path))
    assert reason in caught.value.reason
    assert caught.value.remedy


def test_a_file_of_links_says_so(tmp_path: Path) -> None:
    path = tmp_path / "links.json"
    path.write_text('["https://example.org/1", "https://example.org/2"]', encoding="utf-8")
    with pytest.raises(SourceFileError, match="addresses and no releases; fetch what it links to"):
        list(processes(path))
