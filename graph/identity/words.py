"""The words and scores that identity is decided by, read once from the data files beside this one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator, TypeAdapter

Phrase = Annotated[tuple[str, ...], BeforeValidator(str.split)]
"""Words that are written as one text."""


@dataclass(frozen=True, slots=True)
class Councils:
    """How the names of councils are spelt: abbreviations, words that say what kind of body it is, and its tier."""

    abbreviations: Mapping[str, Phrase]
    marks: frozenset[str]
    welsh: frozenset[str]
    welsh_places: Mapping[str, str]
    combined: frozenset[str]
    upper: frozenset[str]
    lower: frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """All of `words.yaml` and `legal_forms.yaml`."""

    abbreviations: Mapping[str, Phrase]
    endings: Mapping[str, str]
    phrases: Mapping[Phrase, Phrase]
    forms: Mapping[Phrase, str]
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
    forms = _file("legal_forms.yaml")
    spelt = {spelling: form for form, others in forms.items() for spelling in (form, form.replace("-", " "), *others)}
    return TypeAdapter(Words).validate_python({**_file("words.yaml"), "forms": spelt})


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


def sql(name: str) -> str:
    """Return the text of a query of this folder."""
    return resources.files("civicgraph.graph.identity").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def _file(name: str) -> dict[str, Any]:
    folder = resources.files("civicgraph.graph.identity")
    found: dict[str, Any] = yaml.safe_load(folder.joinpath(name).read_text(encoding="utf-8"))
    return found
