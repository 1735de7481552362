"""Records that count in no share: each is marked with its reason, and kept.

The rules are data (`guards.yaml`); a reason that is guessed has a score to reach.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache

from civicgraph.graph.records.types import ContractRecord, Party
from civicgraph.seeds_loader.guards.rules import is_firm, of_name, rules


def guard_contract(record: ContractRecord) -> ContractRecord:
    """Return the contract with the reason why it counts in no share, or as it is.

    >>> contract = ContractRecord("1", "Software", (Party("ESPO"),), (Party("Capita"),), "a", value=Decimal("0.01"))
    >>> guard_contract(contract).guard
    'absurd-amount'
    """
    if record.guard is not None:
        return record
    reason = _of_value_and_dates(record) or _of_suppliers(record) or _of_framework(record)
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


def _of_suppliers(record: ContractRecord) -> str | None:
    """Decide by the suppliers: all of them must be at fault, for one true supplier makes a true contract."""
    if not record.suppliers:
        return "blank"
    reasons = []
    for supplier in record.suppliers:
        reason = None if supplier.identifiers else of_name(supplier.name)
        if reason is None or rules()[reason].get("contracts") is False:
            reason = _of_title(record, supplier)
        if reason is None:
            return None
        reasons.append(reason)
    return reasons[0]


def _of_title(record: ContractRecord, supplier: Party) -> str | None:
    """Decide by the title: a supplier of its words, or with words of a notice, is none, unless it reads like a firm."""
    name, is_a_firm, has_wording = _name_parts(supplier.name)
    if supplier.identifiers or (is_a_firm and not has_wording):
        return None
    rule, title = rules()["title-as-supplier"], _words(record.title)
    is_title = name == title and name.count(" ") + 1 >= rule["least_words"]
    if is_a_firm or is_title or has_wording:
        return "title-as-supplier" if is_title or not is_a_firm else None
    if abs(len(name) - len(title)) > (1 - rule["similar"]) * 2 * max(len(name), len(title)):
        return None
    matcher = SequenceMatcher(None, name, title, autojunk=False)
    is_similar = matcher.quick_ratio() >= rule["similar"] and matcher.ratio() >= rule["similar"]
    return "title-as-supplier" if is_similar and name.count(" ") + 1 >= rule["least_words"] else None


def _of_framework(record: ContractRecord) -> str | None:
    rule, value, hints = rules()["framework-ceiling"], record.value, record.framework_hints
    if value is None:
        return None
    weights, suppliers = rule["weights"], len(record.suppliers)
    body = any(_buys_for_others(buyer.name) for buyer in record.buyers)
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
    grounds = {
        "one_supplier": suppliers == 1,
        "body": body,
        "title": word,
        "told": told and not call_off,
        "hint": hint and not call_off,
        "call_off": call_off,
        "may_be": may_be and not call_off,
        "four_years": shortest <= days <= longest,
        "round": value >= rule["round_from"] and figures <= 2,  # noqa: PLR2004 - one or two figures, then zeros
    }
    score = sum(weights[ground] for ground, holds in grounds.items() if holds)
    score += _step(rule["values"], value) + _step(rule["suppliers"], suppliers)
    return "framework-ceiling" if score >= rule["threshold"] else None


def _step(steps: Mapping[int, int], number: Decimal | int) -> int:
    return max((weight for least, weight in steps.items() if number >= least), default=0)


@lru_cache(maxsize=50_000)
def _buys_for_others(name: str) -> bool:
    return rules()["framework-ceiling"]["bodies"].search(name) is not None


@lru_cache(maxsize=200_000)
def _name_parts(name: str) -> tuple[str, bool, bool]:
    """Return the words of a name, whether it reads like a firm, and whether it has words of a notice."""
    return _words(name), is_firm(name), rules()["title-as-supplier"]["wording"].search(name) is not None


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.casefold()))
