"""The words and scores that identity is decided by, read once from the data files beside this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import yaml

FORMS_FILE: Final = "legal_forms.yaml"
WORDS_FILE: Final = "words.yaml"


@dataclass(frozen=True, slots=True)
class Councils:
    """How the names of councils are spelt: abbreviations, words that say what kind of body it is, and its tier."""

    abbreviations: Mapping[str, tuple[str, ...]]
    marks: frozenset[str]
    welsh: frozenset[str]
    welsh_places: Mapping[str, str]
    combined: frozenset[str]
    upper: frozenset[str]
    lower: frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """All of `words.yaml` and `legal_forms.yaml`. Phrases and forms are tuples of words."""

    abbreviations: Mapping[str, tuple[str, ...]]
    endings: Mapping[str, str]
    phrases: Mapping[tuple[str, ...], tuple[str, ...]]
    forms: Mapping[tuple[str, ...], str]
    statuses: tuple[str, ...]
    notes: tuple[str, ...]
    factors: frozenset[str]
    small: frozenset[str]
    public: frozenset[str]
    persons: frozenset[str]
    councils: Councils
    scores: Mapping[str, float]
    merge: float
    doubt: float
    rarity: int
    shortest_misspelt: int
    often_left_out: frozenset[str]
    not_departments: frozenset[str]
    repeating_schemes: frozenset[str]
    welsh: frozenset[str]
    common: frozenset[str]


@cache
def words() -> Words:
    """Return the words and scores."""
    folder = resources.files("civicgraph.graph.identity")
    data = yaml.safe_load(folder.joinpath(WORDS_FILE).read_text(encoding="utf-8"))
    forms = yaml.safe_load(folder.joinpath(FORMS_FILE).read_text(encoding="utf-8"))
    councils = data["councils"]
    return Words(
        abbreviations=_split(data["abbreviations"]),
        endings=data["endings"],
        phrases={tuple(phrase.split()): tuple(short.split()) for phrase, short in data["phrases"].items()},
        forms={
            tuple(spelling.split()): form
            for form, spellings in forms.items()
            for spelling in [form, *(spellings or [])]
        }
        | {tuple(form.split("-")): form for form in forms},
        statuses=tuple(data["statuses"]),
        notes=tuple(data["notes"]),
        factors=frozenset(data["factors"]),
        small=frozenset(data["small"]),
        public=frozenset(data["public"]),
        persons=frozenset(data["persons"]),
        councils=Councils(
            abbreviations=_split(councils["abbreviations"]),
            marks=frozenset(councils["marks"]),
            welsh=frozenset(councils["welsh"]),
            welsh_places=councils["welsh_places"],
            combined=frozenset(councils["combined"]),
            upper=frozenset(councils["upper"]),
            lower=frozenset(councils["lower"]),
        ),
        scores={kind: float(score) for kind, score in data["scores"].items()},
        merge=float(data["merge"]),
        doubt=float(data["doubt"]),
        rarity=int(data["rarity"]),
        shortest_misspelt=int(data["shortest_misspelt"]),
        often_left_out=frozenset(data["often_left_out"]),
        not_departments=frozenset(data["not_departments"]),
        repeating_schemes=frozenset(data["repeating_schemes"]),
        welsh=frozenset(data["welsh"]),
        common=frozenset(data["common"]),
    )


def _split(pairs: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {short: tuple(full.split()) for short, full in pairs.items()}
