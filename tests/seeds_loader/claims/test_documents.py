"""Articles at hand: found by digest, quoted in place, and no longer quoted once they have changed."""

import hashlib
from pathlib import Path

import pytest

from civicgraph.graph.records.types import Evidence
from civicgraph.graph.snapshot.snapshot import DataFolderError
from civicgraph.seeds_loader.claims.documents import MAX_BYTES, Documents, Quotation

TEXT = "“Ein Größe”\r\nsagt: 😀 und £5m.\n"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "articles"
    (path / "deeper").mkdir(parents=True)
    (path / "deeper" / "a.txt").write_bytes(TEXT.encode())
    return path


@pytest.fixture
def documents(tmp_path: Path, folder: Path) -> Documents:
    found = Documents(tmp_path / "data")
    assert found.add_folder(folder) == 1
    return found


def test_article_is_found_by_digest_and_by_name_and_read_as_it_is(documents: Documents) -> None:
    assert documents.text(DIGEST) == TEXT
    assert documents.digest_of("a.txt") == DIGEST
    assert documents.digest_of("b.txt") is None
    assert documents.text("0" * 64) is None


@pytest.mark.parametrize(
    ("start", "end", "around", "expected"),
    [
        (0, 1, 3, Quotation("", "“", "Ein")),
        (1, 10, 160, Quotation("“", "Ein Größe", "”\r\nsagt: 😀 und £5m.\n")),
        (19, 20, 2, Quotation(": ", "😀", " u")),
        (25, 28, 4, Quotation("und ", "£5m", ".\n")),
        (29, 30, 1, Quotation(".", "\n", "")),
        (0, 30, 160, Quotation("", TEXT, "")),
        (0, 30, 0, Quotation("", TEXT, "")),
    ],
)
def test_quotation_is_cut_by_code_points(
    documents: Documents, start: int, end: int, around: int, expected: Quotation
) -> None:
    assert documents.quote(Evidence(DIGEST, start, end), around) == expected


def test_place_beyond_the_end_is_not_quoted(documents: Documents) -> None:
    assert documents.quote(Evidence(DIGEST, 0, 31)) is None


def test_register_is_kept_in_the_data_folder_and_the_articles_stay_where_they_are(
    documents: Documents, tmp_path: Path
) -> None:
    assert documents.text(DIGEST) is not None
    again = Documents(tmp_path / "data")
    assert again.text(DIGEST) == TEXT
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["documents.json"]


def test_articles_of_several_folders_are_at_hand(documents: Documents, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.txt").write_text("other")
    assert documents.add_folder(other) == 1
    assert documents.text(DIGEST) == TEXT
    assert documents.text(hashlib.sha256(b"other").hexdigest()) == "other"


def test_changed_article_is_no_longer_quoted(documents: Documents, folder: Path, tmp_path: Path) -> None:
    (folder / "deeper" / "a.txt").write_bytes(TEXT.encode() + b"!")
    assert Documents(tmp_path / "data").quote(Evidence(DIGEST, 0, 5)) is None
    documents.add_folder(folder)
    assert documents.quote(Evidence(DIGEST, 0, 5)) is None
    assert documents.digest_of("a.txt") == hashlib.sha256(TEXT.encode() + b"!").hexdigest()


def test_removed_article_is_no_longer_at_hand(documents: Documents, folder: Path, tmp_path: Path) -> None:
    assert documents.text(DIGEST) is not None
    (folder / "deeper" / "a.txt").unlink()
    assert Documents(tmp_path / "data").text(DIGEST) is None


def test_files_that_are_no_text_are_passed_over(tmp_path: Path, folder: Path) -> None:
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\xff")
    (folder / "latin.txt").write_bytes("é".encode("latin-1"))
    (folder / "dangling").symlink_to(folder / "nowhere")
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert Documents(tmp_path / "data").add_folder(folder) == 1


def test_what_is_no_folder_is_refused(tmp_path: Path, folder: Path) -> None:
    for path in (tmp_path / "nowhere", folder / "deeper" / "a.txt"):
        with pytest.raises(NotADirectoryError, match="is not a folder"):
            Documents(tmp_path / "data").add_folder(path)


@pytest.mark.parametrize("content", ['{"a": ', "[]", '{"a": 1}', "\ufeff\x00"])
def test_damaged_register_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "documents.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataFolderError, match=r"documents\.json is damaged; remove it and register"):
        Documents(tmp_path)


def test_register_that_is_not_kept_holds_what_it_is_given(folder: Path) -> None:
    documents = Documents(None)
    documents.add_folder(folder)
    assert documents.text(DIGEST) == TEXT
