"""Records that count in no share: each is marked with its reason, and kept.

The rules are data (`guards.yaml`). A reason that was guessed comes with a score and its grounds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from civicgraph.graph.records.types import ContractRecord, Party
from civicgraph.seeds_loader.guards.rules import Decision, of_name, rules

__all__ = ["Context", "Decision", "Sums", "explain_contract", "guard_contract", "guard_payment"]

_NOTHING: Final = Decision()
_MOST_NAMES: Final = 200_000
"""Decisions on names that a context keeps; then it begins anew."""


@dataclass(slots=True)
class Sums:
    """The sum of the rows so far, to know a row that sums them whatever it is called.

    One for each file: it sees every row of it, in order, and each once.
    """

    amount: int = 0
    rows: int = 0
    since: int = 0
    rows_since: int = 0

    def is_sum(self, amount: int, least: int) -> bool:
        """Return whether an amount is the sum of all rows, or of those since the last sum; else add it to them.

        >>> sums = Sums()
        >>> [sums.is_sum(n, 3) for n in (1, 2, 3, 6, 4, 5, 6, 15, 21)]
        [False, False, False, True, False, False, False, True, True]
        """
        whole = amount == self.amount and self.rows >= least
        if amount > 0 and (whole or (amount == self.since and self.rows_since >= least)):
            self.since = self.rows_since = 0
            return True
        self.amount += amount
        self.since += amount
        self.rows += 1
        self.rows_since += 1
        return False


@dataclass(slots=True)
class Context:
    """What the guards know beside the record.

    Parameters
    ----------
    sums
        The running sum of one file; without it, only names tell a total.
    nets
        Whether negative amounts correct what was declared before, as in sales, and count; else they are refunds.
    """

    sums: Sums | None = None
    nets: bool = False
    _names: dict[str, Decision] = field(default_factory=dict, repr=False)

    def on_name(self, name: str) -> Decision:
        """Return the decision on a supplier's name."""
        decision = self._names.get(name)
        if decision is None:
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            decision = self._names[name] = self._decide(name)
        return decision

    def _decide(self, name: str) -> Decision:
        decision = of_name(name)
        if decision.reason is None and self._is_subtotal(name):
            return Decision("total", 100, (f"{name!r} sums the rows of another name",))
        return decision

    def _is_subtotal(self, name: str) -> bool:
        """Return whether a name is that of another row and "total", as spreadsheets write subtotals."""
        of = rules().subtotal.fullmatch(name)
        return of is not None and of[1] in self._names


def guard_payment(supplier: str, day: date, amount: int, context: Context) -> str | None:
    """Return the reason why a payment counts in no share, or None.

    The first that applies: an amount of nothing or absurd, an absurd date, a sum, the supplier's name, a refund.

    Parameters
    ----------
    supplier
        The name of who was paid.
    day
        When.
    amount
        In millionths of a pound.
    context
        What is known beside the payment.

    >>> guard_payment("REDACTED", date(2019, 10, 1), 9_000_000, Context())
    'redacted'
    """
    rule = rules()
    if not amount:
        return "zero-amount"
    if not -rule.most_millionths <= amount <= rule.most_millionths:
        return "absurd-amount"
    if not rule.earliest <= day <= rule.latest:
        return "absurd-date"
    reason = context.on_name(supplier).reason
    if reason == "total" or (context.sums is not None and context.sums.is_sum(amount, rule.total_rows)):
        return "total"
    if context.nets:
        # What a public body declares to have sold is a sale, and what is negative corrects one.
        return None if reason == "public-transfer" else reason
    return "refund" if reason is None and amount < rule.refund_below else reason


def guard_contract(record: ContractRecord, context: Context) -> ContractRecord:
    """Return the contract with the reason why it counts in no share, or as it is.

    >>> contract = ContractRecord("1", "Software", (Party("ESPO"),), (Party("Capita"),), "a", value=Decimal("0.01"))
    >>> guard_contract(contract, Context()).guard
    'absurd-amount'
    """
    reason = explain_contract(record, context).reason
    return record if reason == record.guard else record._replace(guard=reason)


def explain_contract(record: ContractRecord, context: Context) -> Decision:
    """Return the decision on a contract with its grounds; a score below its threshold comes with them and no reason.

    The first that applies: what its own record says became of it, its value and days, its suppliers, signs
    of a framework.
    """
    if record.guard is not None:
        return Decision(record.guard, 100, ("its own record says so",))
    decision = _of_value_and_dates(record)
    if decision.reason is None:
        decision = _of_suppliers(record, context)
    if decision.reason is None:
        decision = _of_framework(record)
    return decision


def _of_value_and_dates(record: ContractRecord) -> Decision:
    rule, value = rules(), record.value
    if value is not None and (
        not value.is_finite()
        or not rule.least_contract <= value <= rule.most
        or rule.placeholder.fullmatch(format(value, "f"))
    ):
        return Decision("absurd-amount", 100, (f"the value is {value}",))
    for what, day, latest in (
        ("award", record.awarded, rule.latest),
        ("start", record.start, rule.latest),
        ("end", record.end, rule.latest_end),
    ):
        if day is not None and not rule.earliest <= day <= latest:
            return Decision("absurd-date", 100, (f"the {what} is {day}",))
    if record.start is not None and record.end is not None and record.end < record.start:
        return Decision("absurd-date", 100, (f"it ends on {record.end}, before it starts on {record.start}",))
    return _NOTHING


def _of_suppliers(record: ContractRecord, context: Context) -> Decision:
    """Decide by the suppliers: all of them must be at fault, for one true supplier makes a true contract."""
    if not record.suppliers:
        return Decision("blank", 100, ("no supplier is named",))
    decisions = []
    for supplier in record.suppliers:
        decision = _NOTHING if supplier.identifiers else context.on_name(supplier.name)
        if decision.reason in (None, *rules().payments_only):
            decision = _of_title(record, supplier)
        if decision.reason is None:
            return decision
        decisions.append(decision)
    return decisions[0]


def _of_title(record: ContractRecord, supplier: Party) -> Decision:
    rule = rules()
    weights = rule.title_as_supplier.weights
    name, firm, wording = _name_parts(supplier.name)
    if supplier.identifiers or (firm and not wording):
        return _NOTHING
    title = _words(record.title)
    same, similar = bool(name) and name == title, False
    if not same and abs(len(name) - len(title)) <= (1 - rule.similar) * 2 * max(len(name), len(title)):
        matcher = SequenceMatcher(None, name, title, autojunk=False)
        similar = matcher.quick_ratio() >= rule.similar and matcher.ratio() >= rule.similar
    enough = name.count(" ") + 1 >= rule.least_words
    return rule.title_as_supplier.decide(
        [
            ("the name is the contract's title", weights["same"] if same and enough else 0),
            ("the name is nearly the contract's title", weights["similar"] if similar and enough else 0),
            (f"it reads like a notice: {wording!r}", weights["wording"] if wording else 0),
            (f"it has {firm!r}", weights["firm"] if firm else 0),
        ]
    )


def _of_framework(record: ContractRecord) -> Decision:
    rule, value, hints = rules(), record.value, record.framework_hints
    if value is None:
        return _NOTHING
    weights, suppliers = rule.framework.weights, len(record.suppliers)
    body = next((found for buyer in record.buyers if (found := _buys_for_others(buyer.name))), None)
    word = rule.framework_word.search(record.title)
    if not (body or word or hints or suppliers >= rule.framework_suppliers[0][0]):
        # Value, duration and roundness alone never make a framework.
        return _NOTHING
    told = [hint for hint in hints if hint.startswith(("technique:", "method:"))]
    call_off = rule.call_off.search(record.title) or any(hint.endswith("call-off") for hint in told)
    described = [hint for hint in hints if hint.startswith("description:")]
    may_be = suppliers == 1 and "description:call-off" in described
    hint = any(not one.endswith("call-off") for one in described)
    days = (record.end - record.start).days if record.start and record.end else 0
    shortest, longest = rule.framework_days
    figures = len(value.normalize().as_tuple().digits)
    is_round = value >= rule.framework_round and figures <= 2  # noqa: PLR2004 - one or two figures, then zeros
    return rule.framework.decide(
        [
            (f"a value of {value:,}", _step(rule.framework_values, value)),
            (f"{suppliers} suppliers", _step(rule.framework_suppliers, suppliers)),
            ("one supplier", weights["one_supplier"] if suppliers == 1 else 0),
            (f"the buyer buys for others: {body!r}", weights["body"] if body else 0),
            (f"the title has {word[0]!r}" if word else "", weights["title"] if word else 0),
            (f"the notice says {', '.join(told)}", weights["told"] if told and not call_off else 0),
            ("its description speaks of a framework", weights["hint"] if hint and not call_off else 0),
            ("it is a call-off", weights["call_off"] if call_off else 0),
            ("its description speaks of a call-off", weights["may_be"] if may_be and not call_off else 0),
            (f"{days} days", weights["four_years"] if shortest <= days <= longest else 0),
            ("a round value", weights["round"] if is_round else 0),
        ]
    )


def _step(steps: Sequence[tuple[Decimal | int, int]], number: Decimal | int) -> int:
    return max((weight for least, weight in steps if number >= least), default=0)


@lru_cache(maxsize=50_000)
def _buys_for_others(name: str) -> str | None:
    found = rules().bodies.search(name)
    return found[0] if found else None


@lru_cache(maxsize=200_000)
def _name_parts(name: str) -> tuple[str, str | None, str | None]:
    firm, wording = rules().firm.search(name), rules().wording.search(name)
    return _words(name), firm[0] if firm else None, wording[0] if wording else None


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.casefold()))
