"""Records as rows of the edge table, written as the records are read, and which of several records counts first.

Contracts are a line of tab-separated values each; payments, of which there are millions, are columns of Parquet.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

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
`vat` is `net` or `gross`, `refs` are as `reference_list` has them. What is not known is empty."""

OF_THE_STATE: Final = frozenset({"unsuccessful-award", "pending-award", "superseded-award"})
"""Guards that tell what became of an award: the latest word counts. Others find fault with the record itself."""
OCID: Final = "ocid:"
"""Begins a reference that is an OCID, so that it is like no other."""

_PLAIN: Final = re.compile(r"[\W_]+")
_PORTAL: Final = re.compile(r"\bDN ?\d{5,7}(?!\d)", re.IGNORECASE)
"""The number that councils' procurement portal gives; notices carry it amid other text."""
_SHORTEST: Final = 3
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


@lru_cache(maxsize=50_000)
def references_in(text: str) -> tuple[str, ...]:
    """Return the references that a text gives: itself, and a portal's number in it.

    What has no digit, or fewer than three letters and digits, tells nothing.

    >>> references_in("C/0017 "), references_in("MRTN001-DN756786-01185010"), references_in("n/a"), references_in("7")
    (('c0017',), ('mrtn001dn75678601185010', 'dn756786'), (), ())
    """
    found = [_PLAIN.sub("", one.casefold()) for one in (text, *_PORTAL.findall(text))]
    return tuple(dict.fromkeys(one for one in found if len(one) >= _SHORTEST and any(map(str.isdigit, one))))


def reference_list(texts: Iterable[str], ocid: str | None = None) -> str:
    """Return all references of a contract or a payment, each once, set off by spaces.

    >>> reference_list(["ocds-b5fd17-1", "DN756786", ""], ocid="ocds-b5fd17-1")
    'ocid:ocds-b5fd17-1 dn756786'
    """
    own = [] if not ocid else [OCID + "".join(ocid.split()).casefold()]
    return " ".join(
        dict.fromkeys([*own, *(one for text in texts if text and text != ocid for one in references_in(text))])
    )


def precedence(guard: str, published: str) -> tuple[bool, int]:
    """Return what records of one contract are ordered by, the one that counts first being the least.

    A record that a guard finds fault with comes after those without; then the one published last comes first, one
    without a date after those with. Of records alike in both the one of the last source by id comes first: files of
    one publisher are mostly named in the order in which they came.

    >>> sound, late, faulty = ("", "2025-01-01"), ("", "2025-03-01"), ("absurd-amount", "2025-06-01")
    >>> sorted([faulty, sound, late], key=lambda record: precedence(*record)) == [late, sound, faulty]
    True
    """
    return bool(guard) and guard not in OF_THE_STATE, -int(published.replace("-", "") or 0)
