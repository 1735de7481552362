"""Records as rows of the edge table: a line of tab-separated values each, written as the records are read."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from civicgraph.graph.records.contract_quads import NAMELESS
from civicgraph.graph.records.references import reference_list
from civicgraph.graph.records.spend_keys import last_of_month
from civicgraph.graph.records.types import SME, ContractRecord, PaymentMarks, PaymentRow, canonical_number

COLUMNS: Final = {
    **dict.fromkeys(("kind", "record", "buyers", "suppliers"), "VARCHAR"),
    "first": "DATE",
    "last": "DATE",
    "value": "DECIMAL(38, 4)",
    **dict.fromkeys(("currency", "guard", "services", "label"), "VARCHAR"),
    "file_row": "INTEGER",
    **dict.fromkeys(("payer", "payee", "department", "category", "reported_by"), "VARCHAR"),
    "published": "DATE",
    "latest": "DATE",
    **dict.fromkeys(("refs", "typed"), "VARCHAR"),
    **{name: "VARCHAR" for name in PaymentMarks._fields if name != "currency"},
}
"""What a line holds, with the type of each in SQL. Records and parties are keys (`organisation/x`), service types
slugs; several are set off by spaces. Days are ISO 8601. `latest` is the last day to which a contract can be extended,
`vat` is `net` or `gross`, `refs` are as `civicgraph.graph.records.references` has them. What is not known is empty."""

_BREAKS: Final = str.maketrans("\t\n\r", "   ")


def reading(path: str) -> str:
    """Return the expression by which DuckDB reads a file of such lines.

    Parameters
    ----------
    path
        The name of the query's parameter that holds the file's path, such as `$path`.
    """
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    form = r"delim = '\t', quote = '', escape = '', header = false, auto_detect = false, nullstr = ''"
    return f"read_csv({path}, {form}, columns = {{{columns}}})"


def holds_contracts(path: Path) -> bool:
    """Return whether a file of such lines is one of contracts: all lines of a file are of one kind."""
    begin = b"contract\t"
    with path.open("rb") as file:
        return file.read(len(begin)) == begin


def contract_row(contract: ContractRecord, buyers: Iterable[str], suppliers: Iterable[str]) -> str:
    """Return the line of a contract, its parties given by key."""
    # What came to its end in fact ties nobody after that day, whatever its terms.
    over = min((day for day in (contract.end, contract.ended) if day is not None), default=None)
    days = contract.start, over, contract.published, contract.latest_end if contract.ended is None else None
    start, end, published, latest = ("" if day is None else day.isoformat() for day in days)
    value = "" if contract.value is None else canonical_number(contract.value)
    currency = contract.currency or "" if value else ""
    own = contract.entry.reference if contract.entry is not None else ""
    references = reference_list((own, *contract.references), contract.process)
    sme = None if contract.entry is None else contract.entry.sme
    size = "" if sme is None else SME if sme else "Large"
    return (
        f"contract\tcontract/{contract.id}\t{' '.join(buyers)}\t{' '.join(suppliers)}\t{start}\t{end}\t{value}\t"
        f"{currency}\t{contract.guard or ''}\t{' '.join(contract.services)}\t{_text(contract.title)}\t\t\t\t\t\t\t"
        f"{published}\t{latest}\t{references}\t\t\t{size}\t\t{contract.vat}\n"
    )


def payment_row(payment: PaymentRow, record: str, buyer: str, supplier: str, reported_by: str) -> str:
    """Return the line of one payment.

    Parameters
    ----------
    payment
        The row of the table.
    record
        The key of the sum that it is part of.
    buyer, supplier
        Keys of its parties. Where its guard says that the row names nobody, the line names no supplier.
    reported_by
        `payments` that the buyer reports, or `sales` that the supplier declares.
    """
    day, guard, marks = payment.day, payment.guard, payment.marks
    last = last_of_month(day) if payment.month_only else day
    payee = "" if guard in NAMELESS else payment.supplier.name
    references = reference_list((payment.reference,)) if payment.reference else ""
    return (
        f"spend\t{record}\t{buyer}\t{'' if guard in NAMELESS else supplier}\t{day.isoformat()}\t{last.isoformat()}\t"
        f"{canonical_number(payment.amount)}\t{marks.currency}\t{guard or ''}\t{' '.join(payment.services)}\t\t"
        f"{payment.row}\t{_text(payment.buyer.name)}\t{_text(payee)}\t{_text(payment.department)}\t{_text(payment.what)}\t{reported_by}\t\t\t"
        f"{references}\t{payment.typed}\t{marks.sector}\t{marks.size}\t{marks.lot}\t{marks.vat}\n"
    )


def _text(text: str) -> str:
    return text if text.isprintable() else text.translate(_BREAKS)
