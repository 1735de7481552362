"""Records as rows of the edge table, written as the records are read.

Contracts are a line of tab-separated values each; payments, of which there are millions, are columns of Parquet.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from civicgraph.graph.records.references import reference_list
from civicgraph.graph.records.types import SME, ContractRecord, canonical_number

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
    **dict.fromkeys(("refs", "typed", "sector", "size", "lot", "vat"), "VARCHAR"),
}
"""What a row holds, with the type of each in SQL. Records and parties are keys (`organisation/x`), service types
slugs; several are set off by spaces. Days are ISO 8601. `latest` is the last day to which a contract can be extended,
`vat` is `net` or `gross`, `refs` are as `civicgraph.graph.records.references` has them. What is not known is empty."""

_PARQUET: Final = b"PAR1"
_BREAKS: Final = str.maketrans("\t\n\r", "   ")


def reading(path: Path) -> str:
    """Return the expression by which DuckDB reads a file of such rows, whose path is the query's parameter `$path`."""
    with path.open("rb") as file:
        if file.read(len(_PARQUET)) == _PARQUET:
            return "read_parquet($path)"
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    form = r"delim = '\t', quote = '', escape = '', header = false, auto_detect = false, nullstr = ''"
    return f"read_csv($path, {form}, columns = {{{columns}}})"


def holds_contracts(path: Path) -> bool:
    """Return whether a file of such rows is one of contracts: all rows of a file are of one kind."""
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
    title = contract.title if contract.title.isprintable() else contract.title.translate(_BREAKS)
    size = "" if sme is None else SME if sme else "Large"
    return (
        f"contract\tcontract/{contract.id}\t{' '.join(buyers)}\t{' '.join(suppliers)}\t{start}\t{end}\t{value}\t"
        f"{currency}\t{contract.guard or ''}\t{' '.join(contract.services)}\t{title}\t\t\t\t\t\t\t"
        f"{published}\t{latest}\t{references}\t\t\t{size}\t\t{contract.vat}\n"
    )
