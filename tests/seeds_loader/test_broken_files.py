"""Files that cannot be read as a whole: one error that names the file, the line where known, and what to do."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from civicgraph.seeds_loader.claims.claims_file import read_claims
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.yaml_lines import claims_files, read_yaml

NOTHING_AT_HAND = Documents(None)


def refused(path: Path) -> SourceFileError:
    with pytest.raises(SourceFileError) as caught:
        read_claims(path, NOTHING_AT_HAND)
    error = caught.value
    where = error.file if error.line is None else f"{error.file}:{error.line}"
    assert str(error) == f"{where}: {error.reason}; {error.remedy}"
    assert error.file == path.name
    assert "\n" not in str(error)
    return error


@pytest.mark.parametrize(
    ("content", "line", "reason", "remedy"),
    [
        (b"", None, "empty", "see docs/claims.md"),
        (b"# nothing but a comment\n", None, "empty", "see docs/claims.md"),
        (b"document:\n  file: a\n label: b\n", 3, "not YAML: did not find expected", "correct it there"),
        (b"document:\n  label: {a: b\n", 3, "not YAML: did not find expected ',' or '}'", "correct it there"),
        (b"a: b\n---\na: b\n", 2, "not YAML: but found another document", "correct it there"),
        ("# é\nlabel: é\n".encode("latin-1"), 1, "not UTF-8", "save it as UTF-8"),
        (b"a: b\nb: c\nc: \xff\n", 3, "not UTF-8", "save it as UTF-8"),
        ("document:\n".encode("utf-16"), 1, "not UTF-8", "save it as UTF-8"),
        ("a: é\nb: é\nc: x\0y\n".encode(), 3, "not YAML: control characters are not allowed", "remove what is no"),
        (b"a: b\n\x1b[2J\n", 2, "not YAML: control characters are not allowed", "remove what is not text"),
        (b'a: "\\ud800"\n', 1, "not YAML: found invalid Unicode character escape", "correct it there"),
        (b"- a\n- b\n", 1, "no mapping", "write fields such as document:"),
        (b"hello\n", 1, "no mapping", "write fields such as document:"),
        (b"a: &x [b]\nc: *x\n", 2, "an alias (*)", "write the value out"),
        (b"things: {}\n", 1, "missing", "every such record needs it"),
        (b"document: {}\nclaim: {}\n", 2, "unknown field 'claim'", "did you mean claims?"),
    ],
)
def test_file_at_fault(tmp_path: Path, content: bytes, line: int | None, reason: str, remedy: str) -> None:
    path = tmp_path / "claims.yaml"
    path.write_bytes(content)
    error = refused(path)
    assert error.line == line
    assert reason in error.reason
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("file", None, "document.file: missing"),
        ("sha256", "abc", "document.sha256: no SHA-256"),
        ("sha256", "A" * 64, "document.sha256: no SHA-256"),
        ("characters", "many", "document.characters: 'many' is not a count"),
        ("characters", "-1", "document.characters: '-1' is not a count"),
        ("issued", "yesterday", "document.issued: 'yesterday' is not a date"),
        ("issuedEarliest", "2014-02-30", "document.issuedEarliest: '2014-02-30' is not a date"),
        ("issuedEarliest", "../2014", "document.issuedEarliest: open at one side"),
        ("issuedEarliest", "2014-03-04", "document.issuedLatest: before issuedEarliest"),
        ("trust", "rumour", "document.trust: unknown term 'rumour'"),
        ("publisher", "organisation/gamma", "document.publisher: 'organisation/gamma' is not declared"),
        ("author", "[person/ann-poe, person/bo]", "document.author: 'person/bo' is not declared"),
        ("editor", "person/ann-poe", "document.editor: unknown field 'editor'"),
    ],
)
def test_document_that_cannot_be_cited(
    claims_file: Callable[..., Path], field: str, value: str | None, reason: str
) -> None:
    error = refused(claims_file(**{field: value}))
    assert reason in error.reason
    assert error.line is not None


@pytest.mark.parametrize("section", ["things", "claims"])
@pytest.mark.parametrize("content", ["everything", "[organisation/a]", "\n  - {to: organisation/beta, at: 1-5}"])
def test_sections_that_are_no_mapping_lose_nothing_in_silence(
    claims_file: Callable[..., Path], section: str, content: str
) -> None:
    path = claims_file(publisher=None, author=None)
    head = path.read_text(encoding="utf-8").partition("things:")[0]
    path.write_text(f"{head}{section}: {content}\n", encoding="utf-8")
    assert refused(path).reason == f"{section}: no mapping"


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused_however_deep(tmp_path: Path, opening: str) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text("things: \n " + opening * 50_000)
    assert refused(path).reason == "nested too deeply"


def test_alias_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    path.write_text("\n".join(lines))
    assert (refused(path).line, refused(path).reason) == (2, "an alias (*)")


def test_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.touch()
    os.truncate(path, 25_000_000)
    assert refused(path).reason == "larger than 20 MB"


def test_missing_file_and_folder_without_claims(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "missing.yaml").reason
    (tmp_path / "empty").mkdir()
    assert list(claims_files([tmp_path / "empty"])) == [tmp_path / "empty"]
    assert refused(tmp_path / "empty").reason == "a folder without .yaml files"


def test_folder_stands_for_its_yaml_files_in_order(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml", "notes.txt", "c.yml"):
        (tmp_path / name).touch()
    assert [path.name for path in claims_files([tmp_path, tmp_path / "notes.txt"])] == ["a.yaml", "b.yaml", "notes.txt"]


def test_byte_order_mark_and_windows_lines_are_read(claims_file: Callable[..., Path]) -> None:
    path = claims_file("  event/move:\n    - {to: organisation/beta, at: 1-5}\n")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    found = read_claims(path, NOTHING_AT_HAND)
    assert (len(found.claims), found.report.rejections) == (1, [])


WORDS = ["document", "things", "claims", "event/e", "organisation/a", "label", "class", "at", "1-5", "date", "2014"]
TOKENS = st.sampled_from(
    [*WORDS, ": ", ":\n", "\n", "  ", "    ", "- ", "{", "}", "[", "]", ", ", '"', "'", "&a ", "*a"]
)
ANYTHING = st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
NEARLY = st.lists(st.one_of(TOKENS, st.text(max_size=3)), max_size=60).map(
    lambda tokens: "".join(tokens).encode("utf-8", "replace")
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(ANYTHING, NEARLY))
@example(b"? {a: b}\n: c\n")
@example(b"document: {file: a, sha256: !!binary x}\n")
def test_no_content_raises_anything_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "claims.yaml"
    path.write_bytes(content)
    with suppress(SourceFileError):
        read_yaml(path)
        read_claims(path, NOTHING_AT_HAND)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["date", "amount", "duration", "to", "serviceType", "effect", "type", "at", "key"]), st.text())
def test_no_value_raises_anything(claims_file: Callable[..., Path], field: str, text: str) -> None:
    quoted = "'" + text.replace("'", "''").replace("\n", " ") + "'"
    path = claims_file(f"  event/move:\n    - {{{field}: {quoted}, at: 1-5}}\n    - {{place: place/ashby, at: 1-5}}\n")
    with suppress(SourceFileError):  # control characters are not YAML
        found = read_claims(path, NOTHING_AT_HAND)
        assert found.report.read == found.report.loaded + len(found.report.rejections)
        assert f"{found.claims[-1].value}".endswith("place/ashby")
