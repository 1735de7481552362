"""The rules of `guards.yaml`, compiled, and what they say of a name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from civicgraph.graph.identity.words import trades

_NAME: Final = re.compile(
    r"(?P<given>[^\W\d_]+) (?P<middle>[^\W\d_]+\.? )?(?P<surname>[^\W\d_](?:[^\W\d_]|['\u2019-])+)"
)
_SURNAME_FIRST: Final = re.compile(r"([^\W\d_](?:[^\W\d_]|['\u2019-])+), ?([^\W\d_]+(?: [^\W\d_]+\.?)?)")
MILLIONTHS: Final = 10**6
"""Amounts of payments are whole numbers of these parts of a pound, so that their sums are exact and take no time."""
NAMES: Final = ("total", "blank", "redacted", "individual", "public-transfer", "possible-individual")
"""The guards that a name alone decides, in the order they are asked."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """A rule that adds weights up, one for each ground."""

    reason: str
    threshold: int
    weights: Mapping[str, int]

    def decide(self, *grounds: int) -> str | None:
        """Return the reason where the weights of the grounds come to enough.

        >>> Scoring("x", 60, {}).decide(60, -100), Scoring("x", 60, {}).decide(60)
        (None, 'x')
        """
        return self.reason if sum(grounds) >= self.threshold else None


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules: one compiled pattern a group."""

    firm: re.Pattern[str]
    legal_form: re.Pattern[str]
    total: re.Pattern[str]
    total_rows: int
    subtotal: re.Pattern[str]
    blank: re.Pattern[str]
    redacted: re.Pattern[str]
    redacted_unless_firm: re.Pattern[str]
    individual: re.Pattern[str]
    person: Scoring
    title: re.Pattern[str]
    given_names: frozenset[str]
    not_surnames: re.Pattern[str]
    second: re.Pattern[str]
    most_words: int
    public: re.Pattern[str]
    not_public: re.Pattern[str]
    schools: re.Pattern[str]
    payments_only: frozenset[str]
    refund_below: int
    most_millionths: int
    most: Decimal
    least_contract: Decimal
    placeholder: re.Pattern[str]
    earliest: date
    latest: date
    latest_end: date
    framework: Scoring
    framework_values: tuple[tuple[Decimal, int], ...]
    framework_suppliers: tuple[tuple[int, int], ...]
    framework_round: Decimal
    framework_days: tuple[int, int]
    framework_word: re.Pattern[str]
    call_off: re.Pattern[str]
    bodies: re.Pattern[str]
    title_as_supplier: Scoring
    similar: float
    least_words: int
    wording: re.Pattern[str]


@cache
def rules() -> Rules:
    """Return the rules, read once."""
    text = files("civicgraph.seeds_loader.guards").joinpath("guards.yaml").read_text(encoding="utf-8")
    data = yaml.load(text, Loader=yaml.CSafeLoader)
    person, public, amount = data["individual"], data["public-transfer"], data["absurd-amount"]
    framework, title, dates = data["framework-ceiling"], data["title-as-supplier"], data["absurd-date"]
    return Rules(
        firm=_any(data["firm"]["legal"] + data["firm"]["trade"]),
        legal_form=_any(data["firm"]["legal"]),
        total=_any(data["total"]["whole"]),
        total_rows=data["total"]["rows"],
        subtotal=_any([data["total"]["of_another"]]),
        blank=_any(data["blank"]["whole"]),
        redacted=_any(data["redacted"]["within"]),
        redacted_unless_firm=_any(data["redacted"]["within_unless_firm"]),
        individual=_any(person["whole"]),
        person=_scoring("individual", person),
        title=_any([rf"(?:{person['title']})\b\.? (?P<rest>.+)"]),
        given_names=_given_names(),
        not_surnames=_any(data["possible-individual"]["not"]),
        second=_any([rf"(?:&|\band\b) ?{person['title']}\b\.?"]),
        most_words=person["most_words"],
        public=_any(public["whole"]),
        not_public=_any(public["but_not"]),
        schools=_any(public["schools"]),
        payments_only=frozenset(name for name in NAMES if data[name].get("contracts") is False),
        refund_below=int(Decimal(data["refund"]["below"]) * MILLIONTHS),
        most_millionths=int(Decimal(amount["above"]) * MILLIONTHS),
        most=Decimal(amount["above"]),
        least_contract=Decimal(amount["contracts"]["least"]),
        placeholder=_any([amount["contracts"]["whole"]]),
        earliest=dates["earliest"],
        latest=dates["latest"],
        latest_end=dates["latest_end"],
        framework=_scoring("framework-ceiling", framework),
        framework_values=tuple(sorted((Decimal(value), weight) for value, weight in framework["values"].items())),
        framework_suppliers=tuple(sorted(framework["suppliers"].items())),
        framework_round=Decimal(framework["round_from"]),
        framework_days=tuple(framework["days"]),
        framework_word=_any(framework["word"]),
        call_off=_any(framework["call_off"]),
        bodies=_any(framework["bodies"]),
        title_as_supplier=_scoring("title-as-supplier", title),
        similar=title["similar"],
        least_words=title["least_words"],
        wording=_any(title["wording"]),
    )


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
    rule, name = rules(), " ".join(name.split())
    for reason, pattern in (("total", rule.total), ("blank", rule.blank)):
        if pattern.fullmatch(name):
            return reason
    is_firm = rule.firm.search(name) is not None
    if rule.redacted.search(name) or (not is_firm and rule.redacted_unless_firm.search(name)):
        return "redacted"
    if rule.legal_form.search(name) is None:
        if rule.individual.fullmatch(name):
            return "individual"
        if _is_public(rule, name):
            return "public-transfer"
    if title := rule.title.fullmatch(name):
        return rule.person.decide(*_person(rule, name, title["rest"], is_firm=is_firm))
    return "possible-individual" if not is_firm and _is_untitled(rule, name) else None


def _is_untitled(rule: Rules, name: str) -> bool:
    """Return whether a name without a title may be a person's: a given name, and one or two words of no trade."""
    words = _NAME.fullmatch(_SURNAME_FIRST.sub(r"\2 \1", name))
    if words is None or words["given"].casefold() not in rule.given_names or rule.not_surnames.search(name):
        return False
    middle = (words["middle"] or "").strip(" .").casefold()
    return len(middle) <= 1 or middle in rule.given_names


def sums_others(text: str) -> bool:
    """Return whether a text names a total, or the total of something.

    >>> sums_others("Adult Social Care Total"), sums_others("Total Gas & Power Ltd")
    (True, False)
    """
    name = " ".join(text.split())
    return rules().total.fullmatch(name) is not None or rules().subtotal.fullmatch(name) is not None


def _is_public(rule: Rules, name: str) -> bool:
    if rule.schools.fullmatch(name):
        return True
    return bool(rule.public.fullmatch(name)) and not rule.not_public.search(name) and not trades(name)


def _person(rule: Rules, name: str, rest: str, *, is_firm: bool) -> Iterator[int]:
    weights = rule.person.weights
    second = rule.second.search(rest)
    words = re.findall(r"[^\W\d_][\w'.`\u2019-]*", rule.second.sub(" ", rest))
    most = rule.most_words * (2 if second else 1)
    yield weights["title"]
    yield weights["second"] if second else 0
    yield weights["none"] if not words else weights["words"] if len(words) <= most else weights["long"]
    yield weights["possessive"] if re.search(r"['`\u2019]s?$", name, re.IGNORECASE) else 0
    yield weights["firm"] if is_firm else 0


def _given_names() -> frozenset[str]:
    text = files("civicgraph.seeds_loader.guards").joinpath("given_names.yaml").read_text(encoding="utf-8")
    return frozenset(yaml.load(text, Loader=yaml.CSafeLoader))


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    if not all(isinstance(pattern, str) for pattern in patterns):
        msg = f"guards.yaml: not all are text, quote what holds a colon and a space: {patterns}"
        raise TypeError(msg)
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _scoring(reason: str, rule: Mapping[str, object]) -> Scoring:
    threshold, weights = rule["threshold"], rule["weights"]
    if not isinstance(threshold, int) or not isinstance(weights, dict):
        msg = f"guards.yaml: {reason} needs a threshold and weights"
        raise TypeError(msg)
    return Scoring(reason, threshold, weights)
