"""Spending and sales tables: their columns, who pays, and what the texts of their cells say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from civicgraph.graph.records.dates import last_of_month
from civicgraph.graph.records.rows import reference_list
from civicgraph.graph.records.types import SME, Party
from civicgraph.seeds_loader.currencies import currency_code
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.guards.rules import MILLIONTHS, of_name, total_of
from civicgraph.seeds_loader.identifiers import charity_identifier, company_identifier
from civicgraph.seeds_loader.parties import party_key
from civicgraph.seeds_loader.services.classify import services_of_payment, services_of_text
from civicgraph.seeds_loader.tables.cells import names_month, read_amount, read_day
from civicgraph.seeds_loader.tables.columns import DATE_ORDER, UNIT, factor, find_columns, vat_basis
from civicgraph.seeds_loader.tables.table import Table
from civicgraph.seeds_loader.text import clean_text

_SME: Final = re.compile(r"(?:sme|micro|small|medium|y|yes|true|1)\b", re.IGNORECASE)
_LARGE: Final = re.compile(r"(?:large|non.?sme|not (?:an )?sme|n|no|false|0)\b", re.IGNORECASE)

Told = dict[str, Any]
"""What texts of cells say, by name. Each of those who read them raises ValueFault where they cannot be read."""


@dataclass(frozen=True, slots=True)
class SpendingTable:
    """A table of payments or sales, its columns known.

    `places` is where the column of each role is that it has, from 0, and `description` where all are that say what was
    bought; `factor` is how many pounds one of the amounts is; `vat_basis` is `net` or `gross` of value-added tax, or
    nothing where the header does not say; where `vat` has a place, it is to be taken off, and the amount is net then.
    `buyer` is who pays, for the rows that do not say so themselves; `date_order` how dates of digits are read, where
    that is said; `reported_by` is `payments` that the buyer reports, or `sales` that the supplier declares.
    """

    table: Table
    places: Mapping[str, int]
    description: Sequence[int]
    factor: Decimal
    vat_basis: str
    date_order: str | None
    buyer: Party | None
    reported_by: str

    def amount(self, amount: str, vat: str) -> Told:
        """Return an amount in millionths of a pound, without the tax that has a column of its own."""
        pounds = read_amount(amount) - (read_amount(vat) if vat.strip() else 0)
        return {"millionths": int(pounds * self.factor * MILLIONTHS)}

    def date(self, date: str, month: str) -> Told:
        """Return the first and the last day on which a payment may have been made: one day, where it is known."""
        # Without a day of its own a row has the month of another column.
        first = read_day(date or month, month_first=self.date_order == "month first")
        return {"first": first, "last": last_of_month(first) if not date or names_month(date) else first}

    def payer(self, text: str) -> Told:
        """Return who pays."""
        name = clean_text(text)
        found = Party(name) if name else self.buyer
        if found is None:
            raise ValueFault("empty", "say who pays", "buyer")
        return {"key": party_key(found), "name": found.name, "cls": found.cls}

    def payee(self, name: str, company: str, charity: str) -> Told:
        """Return who was paid, why the name counts in no share, and the name that it says it is the total of."""
        numbers = (company_identifier(company), charity_identifier(charity))
        found = Party(clean_text(name), tuple(number for number in numbers if number))
        key = party_key(found) if found.name or found.identifiers else ""
        told = {"key": key, "name": found.name, "identifiers": list(found.identifiers)}
        return told | {"reason": of_name(found.name), "total_of": total_of(found.name)}

    def marks(self, sector: str, size: str, lot: str, currency: str) -> Told:
        """Return what is said of payments beside who paid whom; see `civicgraph.graph.records.types.Spend`."""
        stated = clean_text(currency)
        code = currency_code(stated) if stated else "GBP"
        if code is None:
            reason, remedy = f"in {stated}", "give the currency's code of three letters, such as EUR"
            raise ValueFault(reason, remedy, "amount")
        return {"sector": clean_text(sector), "size": _size(clean_text(size)), "lot": clean_text(lot), "currency": code}

    def purpose(self, whats: Sequence[str], department: str, reference: str) -> Told:
        """Return what was bought, for which part of the buyer and under which number."""
        what = " / ".join(dict.fromkeys(filter(None, map(clean_text, whats))))
        return {"what": what, "department": clean_text(department), "refs": reference_list((reference,))}

    def services(self, what: str, payee: str, department: str) -> Told:
        """Return the types of what was bought, set off by spaces, and how certain they are."""
        if self.reported_by == "sales":
            return {"services": " ".join(services_of_text(what)), "typed": "asserted"}
        services, typed = services_of_payment(what, payee, department)
        return {"services": " ".join(services), "typed": typed}


def open_spending(path: Path, *, mapping: Mapping[str, str] | None = None, buyer: Party | None = None) -> SpendingTable:
    """Open a spending or sales table.

    Parameters
    ----------
    path
        The table; see `civicgraph.seeds_loader.tables.table.read_table`.
    mapping
        Which header plays which role, where the names do not say; see `read_mapping`.
    buyer
        Who pays, for the rows that do not say so themselves. By default the name of the file says it, if it has
        the form `body__period.csv` (see `buyer_from_name`).

    Raises
    ------
    SourceFileError
        The file as a whole cannot be read, or is a register of contracts.
    """
    given = dict(mapping or {})
    order = given.pop(DATE_ORDER, None)
    table, placed = find_columns(path, "spending", given)
    places = {role: found[0] for role, found in placed.items()}
    if "customer" in places and "buyer" not in given:
        places["buyer"] = places["customer"]
    vat = vat_basis(table.headers[places["amount"]])
    if vat != "gross":
        places.pop("vat", None)
    elif "vat" in places:
        vat = "net"
    default = buyer or buyer_from_name(path)
    if default is None and "buyer" not in places:
        remedy = "name the body whose spending it is, or call the file body__period.csv"
        raise SourceFileError(table.file, None, "no column says who pays", remedy)
    pounds, whats = factor(table, places["amount"], given.get(UNIT)), sorted(placed.get("description", ()))
    reported_by = "sales" if "customer" in places else "payments"
    return SpendingTable(table, places, whats, pounds, vat, order, default, reported_by)


def buyer_from_name(path: Path) -> Party | None:
    """Return the body that a file's name begins with, or None where the name says nothing.

    The rule: what stands before two underscores, hyphens and single underscores as spaces, words capitalised. The
    name is a hint for resolution (`Leeds`), not yet a body's own name (`Leeds City Council`).

    >>> buyer_from_name(Path("newcastle-upon-tyne__2019-10.csv")).name
    'Newcastle Upon Tyne'
    >>> buyer_from_name(Path("spending.csv")) is None
    True
    """
    body, mark, _ = path.name.partition("__")
    name = " ".join(body.replace("-", " ").replace("_", " ").split()).title()
    return Party(name, cls="PublicBody") if mark and name else None


def _size(text: str) -> str:
    """Return the size of a supplier as a file says it, in one of two words; nothing where it is something else.

    >>> _size("Yes"), _size("Small/Medium"), _size("large enterprise"), _size("Charity")
    ('SME', 'SME', 'Large', '')
    """
    if _SME.match(text):
        return SME
    return "Large" if _LARGE.match(text) else ""
