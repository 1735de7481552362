"""Whether the value of a claim stands in the words that it cites: numbers, durations, dates, currencies and parties.

Only what is stated is held against its words; what is derived says by its method where it comes from. The likenesses
allowed are those of ordinary English: "thirteen", "£4m", "89 percent", "April 2016", "2011/12".
"""

import re
from calendar import month_abbr, month_name
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Final

from civicgraph.graph.identity.words import words as words_of_names
from civicgraph.graph.records.types import Claim, Thing, Value
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.yaml_lines import own_yaml

_XSD: Final = PREFIXES["xsd"]
_NUMBERS: Final = (_XSD + "decimal", _XSD + "integer")
_DATES: Final = (_XSD + "date", PREFIXES["edtf"] + "EDTF")

_ENGLISH: Final = "claims/wording.yaml"
_FIGURE: Final = re.compile(r"(\d[\d,]*(?:\.\d+)?)(?:\s?([a-z]+))?", re.IGNORECASE)
_MONTHS: Final = tuple((name.casefold(), short.casefold()) for name, short in zip(month_name, month_abbr, strict=True))
_MONTH_NAMES: Final = "|".join(name for names in _MONTHS[1:] for name in names)
_SHORT_YEAR: Final = re.compile(rf"(?:[/.\-\u2013'\u2019]|\b(?:{_MONTH_NAMES})\s)(\d\d)(?!\d)")
_IN_FIGURES: Final = re.compile(r"(?<!\d)(\d{1,4})[/.-](\d{1,2})[/.-]\d{1,4}(?!\d)")
_ABBREVIATION: Final = re.compile(r"\b[A-Z][A-Za-z]{1,5}[A-Z]\b")
_BEFORE_UNIT: Final = 5
"""Words before a unit among which its number is looked for."""
_SIGNIFICANT: Final = 3
"""Letters that a word of a name has at least, for a text that has it to be taken to name who bears it."""


REMEDY: Final = "correct it or its place; what is worked out has derivedFrom and method"


def unfounded(claims: Iterable[Claim], things: Mapping[str, Thing], text: str | None) -> Iterator[tuple[Claim, str]]:
    """Yield the claims whose value is not in their words, or whose derivation is half told, each with the reason.

    Parameters
    ----------
    claims
        Claims of one document.
    things
        What they may name, by IRI.
    text
        The document, or None where it is not at hand: then only derivations are looked at.
    """
    for claim in claims:
        if (claim.method is None) != (not claim.derived_from):
            yield claim, "one of derivedFrom and method without the other"
        elif text is not None and not claim.derived_from:
            bearer = things.get(claim.value) if isinstance(claim.value, str) else None
            is_party = bearer is not None and bearer.key.startswith("organisation/")
            names = (bearer.label, *bearer.aliases) if bearer is not None and is_party else ()
            words = text[claim.evidence.start : claim.evidence.end]
            if reason := unsaid(claim.predicate, claim.value, words, names, text):
                where = "" if names else f" {claim.evidence.start}-{claim.evidence.end}"
                yield claim, reason + where


def unsaid(predicate: str, value: Value, words: str, names: Sequence[str], text: str) -> str | None:
    """Return why the value of a stated claim does not follow from its words, or None where it may.

    Parameters
    ----------
    predicate, value
        What the claim states.
    words
        The words that it cites.
    names
        What the value is called, where it is an organisation; a text often names one elsewhere than in the words cited.
    text
        The whole document.

    Examples
    --------
    >>> from civicgraph.graph.records.types import Text
    >>> unsaid(CG.amount, Text("4000000", _XSD + "decimal"), "for £4m", (), "")
    >>> unsaid(CG.amount, Text("5000000", _XSD + "decimal"), "for £4m", (), "")
    '5000000 is not in the words'
    >>> unsaid(CG.duration, Text("P13Y", _XSD + "duration"), "for thirteen years", (), "")
    >>> unsaid(CG.supplier, "https://example.org/capita", "BT", ("Capita",), "BT won it.")
    "the document does not name 'Capita'"
    """
    if isinstance(value, str):
        named = not names or any(_names(name, text) for name in names)
        return None if named else f"the document does not name {names[0]!r}"
    found = True
    if value.datatype in _NUMBERS:
        is_share = "per cent" in words.casefold() or "percent" in words.casefold() or "%" in words
        said = numbers_in(words)
        found = Decimal(value.value) in said or (is_share and Decimal(value.value) * 100 in said)
    elif value.datatype == _XSD + "duration":
        found = _has_duration(value.value, words)
    elif value.datatype in _DATES:
        found = all(_has_date(date, words) for date in re.findall(r"\d{4}(?:-\d\d){0,2}", value.value))
    elif predicate == CG.currency:
        found = any(
            sign in words.casefold()
            for sign in (value.value.casefold(), *own_yaml(_ENGLISH)["currencies"].get(value.value, ()))
        )
    return None if found else f"{value.value} is not in the words"


def numbers_in(words: str) -> set[Decimal]:
    """Return the numbers that words give, in figures or spelt out.

    >>> sorted(map(int, numbers_in("from eight to 4,236, or £2.7m, or twenty-five thousand")))
    [8, 4236, 25000, 2700000]
    """
    scales = own_yaml(_ENGLISH)["scales"]
    figures = (
        Decimal(digits.replace(",", "")) * scales.get(scale.casefold(), 1) for digits, scale in _FIGURE.findall(words)
    )
    return {*figures, *_spelt(re.findall(r"[a-z]+", words.casefold()))}


def _spelt(words: Iterable[str]) -> Iterator[Decimal]:
    whole, part, is_open = Decimal(0), Decimal(0), False
    scales, numbers = own_yaml(_ENGLISH)["scales"], own_yaml(_ENGLISH)["numbers"]
    for word in (*words, ""):
        if word in numbers:
            # "twenty five" is one number, "two hundred and five" too; "three, seven" are two.
            if is_open and not _goes_on(part, Decimal(numbers[word])):
                yield whole + part
                whole, part = Decimal(0), Decimal(0)
            part += Decimal(numbers[word])
            is_open = True
        elif is_open and word in ("hundred", "thousand", "million", "billion"):
            part *= scales[word]
            if word != "hundred":
                whole, part = whole + part, Decimal(0)
        elif is_open and word != "and":
            yield whole + part
            whole, part, is_open = Decimal(0), Decimal(0), False


def _goes_on(part: Decimal, more: Decimal) -> bool:
    return part == 0 or any(
        part % unit == 0 and part >= least and more < unit for unit, least in ((10, 20), (100, 100))
    )


def _has_duration(duration: str, words: str) -> bool:
    """Return whether each number of a duration stands before its unit: a team of 13 for two years is no 13 years."""
    folded = words.casefold()
    for count, unit in re.findall(r"(\d+)(\w)", duration):
        # A few words before it, as in "two or three years".
        before = (folded[: match.start()] for match in re.finditer(own_yaml(_ENGLISH)["units"][unit], folded))
        if not any(Decimal(count) in numbers_in(" ".join(re.split(r"[\s-]+", one)[-_BEFORE_UNIT:])) for one in before):
            return False
    return True


def _has_date(date: str, words: str) -> bool:
    year, *rest = date.split("-")
    folded = words.casefold()
    parts = [part for parts in _IN_FIGURES.findall(words) for part in map(int, parts)]
    letters = re.findall(r"[a-z]+", folded)
    # Two figures are a year after a stroke, an apostrophe or a month: "13 years" is not of 2013.
    has_year = re.search(rf"(?<!\d){year}(?!\d)", words) is not None or year[2:] in _SHORT_YEAR.findall(folded)
    # Word for word, as "may" also stands in other words.
    has_month = not rest or int(rest[0]) in parts or any(word in letters for word in _MONTHS[int(rest[0])])
    has_day = len(rest) < 2 or int(rest[1]) in map(int, re.findall(r"\d+", words))  # noqa: PLR2004 - month and day
    return has_year and has_month and has_day


def _names(name: str, text: str) -> bool:
    """Return whether a text has a name, its initials, or a capitalised word of it that others do not share."""
    folded = text.casefold()
    initials = "".join(word[0] for word in re.findall(r"\w+", name.casefold()))
    capitals = "".join(re.findall(r"[A-Z]", name))
    named = [word for word in re.findall(r"\w+", name) if len(word) >= _SIGNIFICANT and not word.islower()]
    telling = [word for word in named if word.casefold() not in _shared_words()]
    found = [word for word in telling or named if re.search(rf"\b{re.escape(word.casefold())}\b", folded) is not None]
    return (
        re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", folded) is not None
        or (len(capitals) >= _SIGNIFICANT and capitals in text)
        or any(initials.startswith(short.casefold()) for short in _ABBREVIATION.findall(text))
        # What has no word of its own is named by all of them.
        or (bool(found) if telling else bool(named) and found == named)
    )


@cache
def _shared_words() -> frozenset[str]:
    """Return words of names that prove nothing: many bodies and companies have them."""
    known = words_of_names()
    return known.public | known.councils.marks | known.common | {token for form in known.forms for token in form}
