"""The rules of `guards.yaml`, its patterns compiled, and what they say of a name."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

from civicgraph.graph.identity.words import trades
from civicgraph.seeds_loader.yaml_lines import own_yaml

_NAME: Final = re.compile(
    r"(?P<given>[^\W\d_]+) (?P<middle>[^\W\d_]+\.? )?(?P<surname>[^\W\d_](?:[^\W\d_]|['\u2019-])+)"
)
_SURNAME_FIRST: Final = re.compile(r"([^\W\d_](?:[^\W\d_]|['\u2019-])+), ?([^\W\d_]+(?: [^\W\d_]+\.?)?)")
MILLIONTHS: Final = 10**6
"""Amounts of payments are whole numbers of these parts of a pound, so that their sums are exact and take no time."""


@cache
def rules() -> Mapping[str, Mapping[str, Any]]:
    """Return what `guards.yaml` has, its patterns ready for use."""
    return compiled("guards/guards.yaml")


def is_legal(name: str) -> bool:
    """Return whether a name has the legal form of a firm."""
    return rules()["firm"]["legal"].search(name) is not None


def is_firm(name: str) -> bool:
    """Return whether a name reads like that of a firm, by its legal form or its trade."""
    return is_legal(name) or rules()["firm"]["trade"].search(name) is not None


@lru_cache(maxsize=200_000)
def of_name(name: str) -> str | None:
    """Return why a supplier of this name counts in no share, by patterns alone; None where nothing speaks against it.

    Examples
    --------
    >>> of_name("Grand Total"), of_name("TOTAL GAS & POWER LTD")
    ('total', None)
    >>> of_name("Mr J. Smith"), of_name("Mr Plumber Ltd"), of_name("Dr Smith & Partners")
    ('individual', None, None)
    >>> of_name("Leeds Teaching Hospitals NHS Trust"), of_name("NHS Leeds CCG")
    (None, 'public-transfer')
    """
    name, redacted = " ".join(name.split()), rules()["redacted"]
    for reason in ("total", "blank"):
        if rules()[reason]["whole"].fullmatch(name):
            return reason
    firm = is_firm(name)
    if redacted["within"].search(name) or (not firm and redacted["within_unless_firm"].search(name)):
        return "redacted"
    if not is_legal(name):
        if rules()["individual"]["whole"].fullmatch(name):
            return "individual"
        if _is_public(name):
            return "public-transfer"
    if title := rules()["individual"]["titled"].fullmatch(name):
        return "individual" if not firm and _is_person(title["rest"]) else None
    return "possible-individual" if not firm and _is_untitled(name) else None


def sums_others(text: str) -> bool:
    """Return whether a text names a total, or the total of something.

    >>> sums_others("Adult Social Care Total"), sums_others("Total Gas & Power Ltd")
    (True, False)
    """
    name = " ".join(text.split())
    return rules()["total"]["whole"].fullmatch(name) is not None or total_of(name) is not None


def total_of(name: str) -> str | None:
    """Return the name that a name says it is the total of, as spreadsheets write subtotals.

    >>> total_of("Alpha Ltd - Subtotal:"), total_of("Alpha Ltd")
    ('Alpha Ltd', None)
    """
    found = rules()["total"]["of_another"].fullmatch(name)
    return None if found is None else str(found[1])


def _is_untitled(name: str) -> bool:
    """Return whether a name without a title may be a person's: a given name, and one or two words of no trade."""
    words = _NAME.fullmatch(_SURNAME_FIRST.sub(r"\2 \1", name))
    if words is None or words["given"].casefold() not in _given_names():
        return False
    middle = (words["middle"] or "").strip(" .").casefold()
    return not rules()["possible-individual"]["not"].search(name) and (len(middle) <= 1 or middle in _given_names())


def _is_public(name: str) -> bool:
    rule = rules()["public-transfer"]
    if rule["schools"].fullmatch(name):
        return True
    return bool(rule["whole"].fullmatch(name)) and not rule["but_not"].search(name) and not trades(name)


def _is_person(rest: str) -> bool:
    """Return whether what follows a title is the name of a person, or of two; Mr Thomas's is a shop."""
    rule = rules()["individual"]
    second = rule["second"].search(rest)
    words = re.findall(r"[^\W\d_][\w'.`\u2019-]*", rule["second"].sub(" ", rest))
    if second is None and re.search(r"['`\u2019]s?$", rest, re.IGNORECASE):
        return False
    most: int = rule["most_words"] * (2 if second else 1)
    return 0 < len(words) <= most


@cache
def _given_names() -> frozenset[str]:
    return frozenset(own_yaml("guards/given_names.yaml"))


@cache
def compiled(name: str) -> Mapping[str, Any]:
    """Return what a YAML file of this package has: a text, or a list of texts, as one pattern; all else as it stands.

    Raises
    ------
    TypeError
        A list has texts and what is none: one that holds a colon and a space is to be quoted.
    """
    return {key: _compiled(value) for key, value in own_yaml(name).items()}


def _compiled(value: Any) -> Any:  # noqa: ANN401 - whatever the file has
    if isinstance(value, dict):
        return {key: _compiled(inner) for key, inner in value.items()}
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list) or not any(isinstance(pattern, str) for pattern in patterns):
        return value
    if not all(isinstance(pattern, str) for pattern in patterns):
        msg = f"not all are text, quote what holds a colon and a space: {patterns}"
        raise TypeError(msg)
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
