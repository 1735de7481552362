"""Records that count in no share: each is marked with its reason, and kept.

The rules are data (`guards.yaml`); a reason that is guessed has a score to reach.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from civicgraph.graph.records.types import ContractRecord, Party
from civicgraph.seeds_loader.guards.rules import decide, is_firm, of_name, rules, total_of

_MOST_NAMES: Final = 200_000
"""Decisions on names that a context keeps; then it begins anew."""


@dataclass(slots=True)
class Context:
    """What the guards remember of names."""

    _names: dict[str, str | None] = field(default_factory=dict, repr=False)

    def on_name(self, name: str) -> str | None:
        """Return why a supplier of this name counts in no share, or None."""
        if name not in self._names:
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            self._names[name] = of_name(name) or ("total" if total_of(name) in self._names else None)
        return self._names[name]


def guard_contract(record: ContractRecord, context: Context) -> ContractRecord:
    """Return the contract with the reason why it counts in no share, or as it is.

    >>> contract = ContractRecord("1", "Software", (Party("ESPO"),), (Party("Capita"),), "a", value=Decimal("0.01"))
    >>> guard_contract(contract, Context()).guard
    'absurd-amount'
    """
    if record.guard is not None:
        return record
    reason = _of_value_and_dates(record) or _of_suppliers(record, context) or _of_framework(record)
    return record._replace(guard=reason) if reason else record


def _of_value_and_dates(record: ContractRecord) -> str | None:
    rule, bounds, value = rules()["absurd-amount"], rules()["absurd-date"], record.value
    if value is not None and (
        not value.is_finite()
        or not rule["contracts"]["least"] <= value <= rule["above"]
        or rule["contracts"]["whole"].fullmatch(format(value, "f"))
    ):
        return "absurd-amount"
    latest, latest_end = bounds["latest"], bounds["latest_end"]
    days = (record.awarded, latest), (record.start, latest), (record.end, latest_end)
    if any(day is not None and not bounds["earliest"] <= day <= last for day, last in days):
        return "absurd-date"
    ends_first = record.start is not None and record.end is not None and record.end < record.start
    return "absurd-date" if ends_first else None


def _of_suppliers(record: ContractRecord, context: Context) -> str | None:
    """Decide by the suppliers: all of them must be at fault, for one true supplier makes a true contract."""
    if not record.suppliers:
        return "blank"
    reasons = []
    for supplier in record.suppliers:
        reason = None if supplier.identifiers else context.on_name(supplier.name)
        if reason is None or rules()[reason].get("contracts") is False:
            reason = _of_title(record, supplier)
        if reason is None:
            return None
        reasons.append(reason)
    return reasons[0]


def _of_title(record: ContractRecord, supplier: Party) -> str | None:
    rule = rules()["title-as-supplier"]
    weights = rule["weights"]
    name, firm, wording = _name_parts(supplier.name)
    if supplier.identifiers or (firm and not wording):
        return None
    title = _words(record.title)
    same, similar = bool(name) and name == title, False
    if not same and abs(len(name) - len(title)) <= (1 - rule["similar"]) * 2 * max(len(name), len(title)):
        matcher = SequenceMatcher(None, name, title, autojunk=False)
        similar = matcher.quick_ratio() >= rule["similar"] and matcher.ratio() >= rule["similar"]
    enough = name.count(" ") + 1 >= rule["least_words"]
    return decide(
        "title-as-supplier",
        weights["same"] if same and enough else 0,
        weights["similar"] if similar and enough else 0,
        weights["wording"] if wording else 0,
        weights["firm"] if firm else 0,
    )


def _of_framework(record: ContractRecord) -> str | None:
    rule, value, hints = rules()["framework-ceiling"], record.value, record.framework_hints
    if value is None:
        return None
    weights, suppliers = rule["weights"], len(record.suppliers)
    body = next((found for buyer in record.buyers if (found := _buys_for_others(buyer.name))), None)
    word = rule["word"].search(record.title)
    if not (body or word or hints or suppliers >= min(rule["suppliers"])):
        # Value, duration and roundness alone never make a framework.
        return None
    told = [hint for hint in hints if hint.startswith(("technique:", "method:"))]
    call_off = rule["call_off"].search(record.title) or any(hint.endswith("call-off") for hint in told)
    described = [hint for hint in hints if hint.startswith("description:")]
    may_be = suppliers == 1 and "description:call-off" in described
    hint = any(not one.endswith("call-off") for one in described)
    days = (record.end - record.start).days if record.start and record.end else 0
    shortest, longest = rule["days"]
    figures = len(value.normalize().as_tuple().digits)
    is_round = value >= rule["round_from"] and figures <= 2  # noqa: PLR2004 - one or two figures, then zeros
    return decide(
        "framework-ceiling",
        _step(rule["values"], value),
        _step(rule["suppliers"], suppliers),
        weights["one_supplier"] if suppliers == 1 else 0,
        weights["body"] if body else 0,
        weights["title"] if word else 0,
        weights["told"] if told and not call_off else 0,
        weights["hint"] if hint and not call_off else 0,
        weights["call_off"] if call_off else 0,
        weights["may_be"] if may_be and not call_off else 0,
        weights["four_years"] if shortest <= days <= longest else 0,
        weights["round"] if is_round else 0,
    )


def _step(steps: Mapping[int, int], number: Decimal | int) -> int:
    return max((weight for least, weight in steps.items() if number >= least), default=0)


@lru_cache(maxsize=50_000)
def _buys_for_others(name: str) -> str | None:
    found = rules()["framework-ceiling"]["bodies"].search(name)
    return found[0] if found else None


@lru_cache(maxsize=200_000)
def _name_parts(name: str) -> tuple[str, bool, bool]:
    """Return the words of a name, whether it reads like a firm, and whether it has words of a notice."""
    return _words(name), is_firm(name), rules()["title-as-supplier"]["wording"].search(name) is not None


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.casefold()))
