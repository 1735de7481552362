"""The five claims files that come with the package: all of them loads, and each claim leads to words of its article."""

import re
from collections import Counter
from pathlib import Path

import pytest

from civicgraph.seeds_loader.claims.claims_file import ClaimsFile

ROOT = Path(__file__).parents[2]
LONGEST_QUOTATION = 400
COPIED = 9
"""So many words in a row are a sentence of somebody else's."""


def test_everything_loads_without_a_warning(seed_files: dict[str, ClaimsFile]) -> None:
    assert len(seed_files) == 5
    for file in seed_files.values():
        assert (file.report.rejections, file.report.warnings) == ([], [])
        assert file.report.loaded == file.report.read > 0


def test_there_are_as_many_claims_as_a_careful_reader_finds(seed_files: dict[str, ClaimsFile]) -> None:
    counts = {name: len(file.claims) for name, file in seed_files.items()}
    assert min(counts.values()) > 60
    assert 400 <= sum(counts.values()) <= 750


def test_ids_are_told_apart_over_all_files(seed_files: dict[str, ClaimsFile]) -> None:
    ids = [claim.id for file in seed_files.values() for claim in file.claims]
    assert len(set(ids)) == len(ids)


def test_every_opinion_has_a_holder_and_every_derived_claim_its_grounds_and_method(
    seed_files: dict[str, ClaimsFile],
) -> None:
    claims = [claim for file in seed_files.values() for claim in file.claims]
    assert [claim.id for claim in claims if claim.marks.modality == "opinion" and claim.said_by is None] == []
    assert [claim.id for claim in claims if (claim.method is None) != (not claim.derived_from)] == []
    assert sum(claim.method is not None for claim in claims) > 40


def test_labels_are_told_apart_over_all_files(seed_files: dict[str, ClaimsFile]) -> None:
    labels = {(thing.label, thing.key) for file in seed_files.values() for thing in file.things}
    # A council and its place may be called alike, by the place alone.
    assert [label for label, count in Counter(label for label, _ in labels).items() if count > 1] == []


@pytest.mark.parametrize("stem", ["000", "001", "002", "003", "004"])
def test_every_quotation_is_cut_clean(
    stem: str, seed_files: dict[str, ClaimsFile], article_texts: dict[str, str]
) -> None:
    name = next(name for name in seed_files if name.startswith(stem))
    text, file = article_texts[name], seed_files[name]
    assert len(text) == file.document.characters
    for place in [claim.evidence for claim in file.claims] + [one.evidence for one in file.corrections]:
        words = text[place.start : place.end]
        assert 0 < len(words) <= LONGEST_QUOTATION, place
        assert words == words.strip(), place
        # Not within a word: what follows inside one is a small letter, while captions are glued to sentences.
        assert not re.fullmatch(r"\w[a-z0-9]", text[max(0, place.start - 1) : place.start + 1]), place
        assert not re.fullmatch(r"\w[a-z0-9]", text[place.end - 1 : place.end + 1]), place


def test_every_spelling_stands_in_its_article(seed_files: dict[str, ClaimsFile], article_texts: dict[str, str]) -> None:
    spellings = [
        (name, thing.key, alias)
        for name, file in seed_files.items()
        for thing in file.things
        for alias in thing.aliases
    ]
    assert len(spellings) > 30
    assert [spelling for spelling in spellings if spelling[2] not in article_texts[spelling[0]]] == []


def test_no_file_of_the_project_copies_an_article(project_files: list[str], article_texts: dict[str, str]) -> None:
    copied = {run for text in article_texts.values() for run in _runs(text)}
    assert len(copied) > 1000
    found = {
        name: sorted(copied & set(_runs(content.decode("utf-8", errors="replace"))))
        for name in project_files
        if b"\0" not in (content := (ROOT / name).read_bytes())
    }
    assert {name: runs for name, runs in found.items() if runs} == {}


def _runs(text: str) -> list[str]:
    words = re.findall(r"[^\W_]+", text.casefold())
    return [" ".join(words[start : start + COPIED]) for start in range(len(words) - COPIED + 1)]
