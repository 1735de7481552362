"""The words and scores that identity is decided by, read once from the data files beside this one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml


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
    data, forms = _file("words.yaml"), _file("legal_forms.yaml")
    councils = {name: _SHAPES.get(name, frozenset)(value) for name, value in data.pop("councils").items()}
    spelt = {spelling: form for form, others in forms.items() for spelling in (form, form.replace("-", " "), *others)}
    read = {name: _SHAPES.get(name, frozenset)(value) for name, value in data.items()}
    return Words(
        **read, councils=Councils(**councils), forms={tuple(name.split()): form for name, form in spelt.items()}
    )


def trades(name: str) -> bool:
    """Return whether a public body by this name sells in a market, so that a payment to it is a purchase.

    The rules are data, in `trading_bodies.yaml`.

    >>> trades("ORDNANCE SURVEY"), trades("Leeds Teaching Hospitals NHS Trust"), trades("Leeds City Council")
    (True, True, False)
    """
    trading, but_not = _trading_bodies()
    name = " ".join(name.split())
    return trading.fullmatch(name) is not None and but_not.fullmatch(name) is None


@cache
def _trading_bodies() -> tuple[re.Pattern[str], re.Pattern[str]]:
    rules = _file("trading_bodies.yaml")
    trading, but_not = ("|".join(f"(?:{one})" for one in rules[part]) for part in ("trades", "but_not"))
    return re.compile(trading, re.IGNORECASE), re.compile(but_not, re.IGNORECASE)


def _file(name: str) -> dict[str, Any]:
    folder = resources.files("civicgraph.graph.identity")
    found: dict[str, Any] = yaml.safe_load(folder.joinpath(name).read_text(encoding="utf-8"))
    return found


def _split(pairs: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {short: tuple(full.split()) for short, full in pairs.items()}


_SHAPES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "abbreviations": _split,
    "phrases": lambda pairs: {tuple(phrase.split()): short for phrase, short in _split(pairs).items()},
    "statuses": tuple,
    "notes": tuple,
    **dict.fromkeys(("endings", "welsh_places", "scores"), dict),
    **dict.fromkeys(("merge", "doubt"), float),
    **dict.fromkeys(("rarity", "shortest_misspelt"), int),
}
"""What becomes of each part of the file; the others are sets of words."""
