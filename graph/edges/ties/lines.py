"""Records as lines beside the quads of their source: what ties parties, to be read again without asking a store.

A line holds the record's key, kind, buyers, suppliers, first and last day, value, currency, guard, service types,
places and the day it was published, set off by tabs; several keys of one field are set off by spaces.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

from civicgraph.graph.records.contract_quads import NAMELESS, month_days, spend_key
from civicgraph.graph.records.precedence import precedence
from civicgraph.graph.records.types import ContractRecord, Spend, canonical_number


class TieLine(NamedTuple):
    """What one contract or spend says of who is tied to whom.

    Parties and places are keys, service types slugs; days are ISO 8601; what is not known is empty.
    """

    key: str
    kind: str
    buyers: tuple[str, ...]
    suppliers: tuple[str, ...]
    start: str = ""
    end: str = ""
    value: str = ""
    currency: str = ""
    guard: str = ""
    services: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    published: str = ""

    def text(self) -> str:
        r"""Return the line.

        >>> line = TieLine("contract/1", "contract", ("organisation/a",), ("organisation/x", "organisation/y"))
        >>> TieLine.read(line.text()) == line
        True
        """
        services, places = " ".join(self.services), " ".join(self.places)
        return (
            f"{self.key}\t{self.kind}\t{' '.join(self.buyers)}\t{' '.join(self.suppliers)}\t{self.start}\t{self.end}\t"
            f"{self.value}\t{self.currency}\t{self.guard}\t{services}\t{places}\t{self.published}\n"
        )

    @classmethod
    def read(cls, line: str) -> Self:
        """Return what a line says."""
        fields = line[:-1].split("\t")
        key, kind, buyers, suppliers, start, end = fields[:6]
        value, currency, guard, services, places, published = fields[6:]
        return cls(
            key,
            kind,
            tuple(buyers.split()),
            tuple(suppliers.split()),
            start,
            end,
            value,
            currency,
            guard,
            tuple(services.split()),
            tuple(places.split()),
            published,
        )


def contract_tie(contract: ContractRecord, buyers: Iterable[str], suppliers: Iterable[str]) -> TieLine:
    """Return what a contract says, its parties given by key."""
    over = [day for day in (contract.end, contract.ended) if day is not None]
    days = contract.start, min(over, default=None), contract.published
    start, end, published = ("" if day is None else day.isoformat() for day in days)
    return TieLine(
        f"contract/{contract.id}",
        "contract",
        tuple(buyers),
        tuple(suppliers),
        start,
        end,
        "" if contract.value is None else canonical_number(contract.value),
        "" if contract.value is None else contract.currency or "",
        contract.guard or "",
        contract.services,
        published=published,
    )


def spend_tie(spend: Spend, source: str) -> TieLine:
    """Return what the money between two parties in a month says.

    Parameters
    ----------
    spend
        The sum. Where its guard says that the rows name nobody, it has no supplier.
    source
        Key of the source.
    """
    first, last = month_days(spend.month)
    return TieLine(
        spend_key(spend, source),
        "spend",
        (spend.buyer,),
        () if spend.guard in NAMELESS else (spend.supplier,),
        first.isoformat(),
        last.isoformat(),
        canonical_number(spend.amount),
        "GBP",
        spend.guard or "",
        spend.services,
    )


def merged(lines: Iterable[TieLine]) -> Iterator[TieLine]:
    """Yield one line for each key: of what several sources say of one contract, what counts first, as in the graph.

    Parameters
    ----------
    lines
        The lines, source by source in their order.
    """
    by_key: dict[str, list[TieLine]] = {}
    for line in lines:
        by_key.setdefault(line.key, []).append(line)
    for key, same in by_key.items():
        ordered = sorted(same, key=lambda line: precedence(line.guard, line.published, ""))
        valued = next((line for line in ordered if line.value), ordered[0])
        yield TieLine(
            key,
            ordered[0].kind,
            _union(line.buyers for line in same),
            _union(line.suppliers for line in same),
            next((line.start for line in ordered if line.start), ""),
            next((line.end for line in ordered if line.end), ""),
            valued.value,
            valued.currency,
            ordered[0].guard,
            _union(line.services for line in same),
            _union(line.places for line in same),
        )


def _union(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({one for part in parts for one in part}))
