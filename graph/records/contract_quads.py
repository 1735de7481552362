"""What records of procurement and of registers say, as N-Quads lines, with the short cuts that follow from them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import product
from typing import Final

from civicgraph.graph.records.dates import last_of_month
from civicgraph.graph.records.iris import short_hash, slugify
from civicgraph.graph.records.register_types import Code, Ownership
from civicgraph.graph.records.statements import CPV, process_node, statements, thing
from civicgraph.graph.records.types import SME, ContractRecord, Party, ProcessRecord, Spend, canonical_number
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG

_G: Final = f" <{CG.established}> .\n"
_CONTRACTS_WITH: Final = f" <{CG.contractsWith}> "
_SERVED_BY: Final = f" <{CG.servedBy}> "
NAMELESS: Final = frozenset({"total", "blank", "redacted", "individual", "possible-individual"})
"""Guards of rows whose supplier is not an organisation, or none that may be named."""


def contract_lines(
    contract: ContractRecord,
    buyers: Iterable[str],
    suppliers: Iterable[str],
    source: str,
    told: set[tuple[str, str]] | None = None,
) -> list[str]:
    """Return the lines of a contract, with the short cuts that follow from it.

    A contract that is guarded has its reason and no short cut; it counts in no share.

    Parameters
    ----------
    contract
        The record.
    buyers, suppliers
        Keys of its parties.
    source
        Key of the source.
    told
        Pairs of parties whose short cuts were written already; those of the contract are added.
    """
    node, buyers, suppliers = thing(f"contract/{contract.id}"), tuple(buyers), tuple(suppliers)
    lines = statements("Contract", node, contract, source=source, buyers=buyers, suppliers=suppliers)
    if contract.entry is not None:
        lines += statements("RegisterEntry", node, contract.entry)
    if contract.guard is None:
        told = set() if told is None else told
        pairs = [pair for pair in product(buyers, suppliers) if pair not in told]
        told.update(pairs)
        for buyer, supplier in (map(thing, pair) for pair in pairs):
            lines.append(f"{buyer}{_CONTRACTS_WITH}{supplier}{_G}{buyer}{_SERVED_BY}{supplier}{_G}")
    return lines


def life_lines(contract: ContractRecord, key_of: Callable[[Party], str]) -> Iterator[str]:
    """Yield the lines of what notices tell of a contract's life; `key_of` gives the key of a party."""
    key, life = f"contract/{contract.id}", contract.life
    if life is None:
        return
    yield from statements("ContractLife", thing(key), life)
    yield from statements("Terms", thing(key), life.terms)
    for event in life.events:
        met = {"added": event.added, "removed": event.removed, "suppliers": event.suppliers or contract.suppliers}
        keys = {role: tuple(map(key_of, parties)) for role, parties in met.items()}
        yield from statements(event.kind, thing(event.key), event, contract=key, **keys)


def process_lines(process: ProcessRecord, buyers: Iterable[str], source: str) -> list[str]:
    """Return the lines of a contracting process, and of the notices that it is known by.

    Without an award it is in no share, so it has no short cut.
    """
    node = process_node(process.id)
    lines = statements("ContractingProcess", node, process, source=source, buyers=tuple(buyers))
    lines += statements("Terms", node, process.terms)
    for notice in process.notices:
        told = {"label": f"{notice.type} {notice.number}", "source": source, "record": process.record}
        lines += statements("Notice", thing(notice.key), notice, process=process.id, **told)
    return lines


def record_line(subject: str, predicate: str, value: str) -> bytes:
    """Return the line that follows from records as a whole; `subject` is an IRI, `value` is as N-Quads write it."""
    return f"<{subject}> <{predicate}> {value}{_G}".encode()


def spend_lines(spend: Spend, source: str, reported_by: str, names: tuple[str, str]) -> list[str]:
    """Return the lines of the money that went between two parties in one month.

    Where the guard says that the row names nobody, no supplier is given.

    Parameters
    ----------
    spend
        The sum.
    source
        Key of the source.
    reported_by
        `payments` that the buyer reports, or `sales` that the supplier declares.
    names
        What the source calls the buyer and the supplier.
    """
    buyer, supplier = names
    nobody = spend.guard in NAMELESS
    first = date.fromisoformat(f"{spend.month}-01")
    return statements(
        "Spend",
        thing(spend.key),
        spend,
        label=f"{buyer}, {spend.month}: {spend.guard}" if nobody else f"{buyer} to {supplier}, {spend.month}",
        source=source,
        supplier=None if nobody else spend.supplier,
        reported_by=reported_by,
        first=first,
        last=last_of_month(first),
        typed=spend.typed if spend.services and spend.typed != "asserted" else None,
        sme=spend.size == SME if spend.size else None,
    )


def party_lines(key: str, cls: str) -> str:
    """Return the line that makes an organisation a supplier or a buyer."""
    return f"{thing(key)} <{PREFIXES['rdf']}type> <{cls}>{_G}"


def sector_lines(key: str, sector: str) -> list[str]:
    """Return the lines that put an organisation into a sector, called by its words whatever their case.

    >>> "sector/local-government" in sector_lines("organisation/x", "Local Government")[0]
    True
    """
    slug = slugify(sector)
    node = thing(f"sector/{slug}")
    member = f"{thing(key)} <{CG.memberOf}> {node}{_G}"
    return [member, *statements("Sector", node, label=slug.replace("-", " ").capitalize())]


def code_lines(code: Code) -> list[str]:
    """Return the lines of a code of the Common Procurement Vocabulary."""
    notation = f"{code.code}-{code.check_digit}"
    return statements("Code", f"<{CPV}{code.code}>", code, scheme=CPV.rstrip("/"), notation=notation)


def ownership_lines(ownership: Ownership, owner: str, owned: str, source: str) -> list[str]:
    """Return the lines of an ownership between two organisations given by their keys."""
    share = "" if ownership.share is None else canonical_number(ownership.share)
    said = (ownership.starts or "", ownership.ends or "", share, str(ownership.controls))
    node = thing(f"ownership/{short_hash(source, owner, owned, *said)}")
    told = f"{ownership.owner.name} as owner of {ownership.owned.name}"
    return statements("Ownership", node, ownership, label=told, source=source, owner=owner, owned=owned)
