"""What figures rest on and what is left out of them, counted in records, rows of files and money."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

SCALE: Final = 10_000
"""Amounts are in so many parts of a currency's unit."""
UNSURE: Final = ("no date known", "no value known", "no currency stated")
"""Why something is left out that would count if more were known of it."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left out of a figure, or counted in it: contracts and services, rows of files, money."""

    records: int
    rows: int
    money: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """What a figure rests on, and what is left out of it by reason. Money is in the currency of the scope."""

    counted: Left
    left_out: Mapping[str, Left]
    is_of_money: bool = True
    """Whether all of it is of one kind, so that its money may be added up."""
    cuts_months: bool = False
    """Whether an end of the period falls within days of which only a sum is known, such as a month of sales."""

    @property
    def records(self) -> int:
        """How many records lie in the scope."""
        return self.counted.records + sum(one.records for one in self.left_out.values())

    @property
    def rows(self) -> int:
        """How many rows of files, or records that have none, lie in the scope."""
        return self.counted.rows + sum(one.rows for one in self.left_out.values())

    @property
    def money(self) -> Decimal:
        """The money in the scope, in its currency: amounts added up whatever their sign."""
        return self.counted.money + sum((one.money for one in self.left_out.values()), Decimal(0))

    @property
    def coverage(self) -> float | None:
        """The share of the rows in the scope that count, 0 to 1; None where it is empty."""
        return self.counted.rows / self.rows if self.rows else None

    @property
    def coverage_money(self) -> float | None:
        """The share of the money in the scope that counts, 0 to 1; None where no money is known of it.

        Refunds weigh by their size here, so that they cannot hide what is left out.
        """
        if not self.is_of_money:
            return None
        sizes = [abs(one.money) for one in self.left_out.values()]
        whole = abs(self.counted.money) + sum(sizes, Decimal(0))
        return float(abs(self.counted.money) / whole) if whole else None

    def text(self) -> str:
        """Return what is left out in words, such as `guarded as redacted: 97 (£970,000.00)`."""
        return "; ".join(
            f"{reason}: {one.rows:,}" + (f" (£{one.money:,.2f})" if one.money and self.is_of_money else "")
            for reason, one in self.left_out.items()
        )


def pounds(money_e4: int) -> Decimal:
    """Return a sum of ten-thousandths as a decimal with its pence, with more digits only where it has them.

    >>> pounds(1_000_000), pounds(12_345)
    (Decimal('100.00'), Decimal('1.2345'))
    """
    pence, less = divmod(money_e4, SCALE // 100)
    return Decimal(pence).scaleb(-2) if not less else Decimal(money_e4).scaleb(-4).normalize()
