"""The rules of `guards.yaml`, compiled, and what they say of a name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import yaml

from civicgraph.graph.identity.words import trades

_NAME: Final = re.compile(
    r"(?P<given>[^\W\d_]+) (?P<middle>[^\W\d_]+\.? )?(?P<surname>[^\W\d_](?:[^\W\d_]|['\u2019-])+)"
)
_SURNAME_FIRST: Final = re.compile(r"([^\W\d_](?:[^\W\d_]|['\u2019-])+), ?([^\W\d_]+(?: [^\W\d_]+\.?)?)")
NAMES: Final = ("total", "blank", "redacted", "individual", "public-transfer", "possible-individual")
"""The guards that a name alone decides, in the order they are asked."""


class Decision(NamedTuple):
    """Why a record counts in no share, the score of that against the rule's threshold, and the grounds.

    `reason` is None where nothing speaks, or not enough, against it; the grounds are then what was weighed.
    """

    reason: str | None = None
    score: int = 0
    grounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scoring:
    """A rule that adds weights up; every ground is one weight."""

    reason: str
    threshold: int
    weights: Mapping[str, int]

    def decide(self, grounds: Sequence[tuple[str, int]]) -> Decision:
        """Return the decision on grounds and their weights; those of no weight are left out.

        >>> Scoring("x", 60, {}).decide([("a title", 60), ("a firm", -100)])
        Decision(reason=None, score=-40, grounds=('a title (60)', 'a firm (-100)'))
        """
        score = sum(weight for _ground, weight in grounds)
        said = tuple(f"{ground} ({weight})" for ground, weight in grounds if weight)
        return Decision(self.reason if score >= self.threshold else None, score, said)


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
    refund_below: Decimal
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
        refund_below=Decimal(data["refund"]["below"]),
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


def of_name(name: str) -> Decision:
    """Return what a supplier's name says of itself, by patterns alone.

    Examples
    --------
    >>> of_name("Grand Total").reason, of_name("TOTAL GAS & POWER LTD").reason
    ('total', None)
    >>> of_name("Mr J. Smith").reason, of_name("Mr Plumber Ltd").reason, of_name("Dr Smith & Partners").reason
    ('individual', None, None)
    >>> of_name("Leeds Teaching Hospitals NHS Trust").reason, of_name("NHS Leeds CCG").reason
    (None, 'public-transfer')
    """
    rule, name = rules(), " ".join(name.split())
    for reason, pattern in (("total", rule.total), ("blank", rule.blank)):
        if pattern.fullmatch(name):
            return _sure(reason, f"the whole name is {name!r}")
    firm = rule.firm.search(name)
    taken = rule.redacted.search(name) or (None if firm else rule.redacted_unless_firm.search(name))
    if taken:
        return _sure("redacted", f"the name has {taken[0]!r}")
    is_company = rule.legal_form.search(name) is not None
    if rule.individual.fullmatch(name) and not is_company:
        return _sure("individual", f"{name!r} stands for persons")
    if not is_company and _is_public(rule, name):
        return _sure("public-transfer", f"{name!r} reads like a public body")
    title = rule.title.fullmatch(name)
    if title:
        return rule.person.decide(_person(rule, name, title["rest"], firm))
    return Decision() if firm else _untitled(rule, name)


def _untitled(rule: Rules, name: str) -> Decision:
    """Return whether a name without a title may be a person's: a given name, and one or two words of no trade."""
    words = _NAME.fullmatch(_SURNAME_FIRST.sub(r"\2 \1", name))
    if words is None or words["given"].casefold() not in rule.given_names or rule.not_surnames.search(name):
        return Decision()
    middle = (words["middle"] or "").strip(" .").casefold()
    if len(middle) > 1 and middle not in rule.given_names:
        return Decision()
    return Decision("possible-individual", 60, (f"{words['given']!r} is a given name, and no trade follows",))


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


def _person(rule: Rules, name: str, rest: str, firm: re.Match[str] | None) -> list[tuple[str, int]]:
    weights = rule.person.weights
    second = rule.second.search(rest)
    words = re.findall(r"[^\W\d_][\w'.`\u2019-]*", rule.second.sub(" ", rest))
    most = rule.most_words * (2 if second else 1)
    possessive = re.search(r"['`\u2019]s?$", name, re.IGNORECASE)
    return [
        ("it begins with a title", weights["title"]),
        ("a second person is joined", weights["second"] if second else 0),
        ("no more words follow than a name has", weights["words"] if 0 < len(words) <= most else 0),
        ("more words follow than a name has", weights["long"] if len(words) > most else 0),
        ("no name follows", weights["none"] if not words else 0),
        ("it ends as a shop's name does", weights["possessive"] if possessive else 0),
        (f"it has {firm[0]!r}" if firm else "", weights["firm"] if firm else 0),
    ]


def _given_names() -> frozenset[str]:
    text = files("civicgraph.seeds_loader.guards").joinpath("given_names.yaml").read_text(encoding="utf-8")
    return frozenset(yaml.load(text, Loader=yaml.CSafeLoader))


def _sure(reason: str, ground: str) -> Decision:
    return Decision(reason, 100, (ground,))


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
