"""What the loaders yield: typed records, checked at the door and free of any file format."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple


@dataclass(frozen=True, slots=True)
class Text:
    """A literal of plain text, a number, a duration or a date, with the local name or IRI of its datatype."""

    value: str
    datatype: str


Value = str | Text
"""The object of a claim: an IRI, or a literal."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that has a name: its key (kind/slug), proper name, class and other names."""

    key: str
    label: str
    cls: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """An article: known by its digest, dated by its publisher, its text elsewhere."""

    file: str
    sha256: str
    characters: int
    label: str
    issued: str
    issued_earliest: date
    issued_latest: date
    trust: str
    publisher: str | None = None
    authors: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The document's kind/slug: the first half of its digest tells it from every other."""
        return f"document/{self.sha256[:16]}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place in a document: Unicode code points from the start, the end not included."""

    sha256: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marks:
    """What kind of statement a claim is: local names of the ontology's individuals."""

    polarity: str = "affirmed"
    certainty: str = "asserted"
    modality: str = "fact"
    section: str = "body"


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of one document about one triple.

    `subject`, `predicate` and `said_by` are IRIs; `contradicts` and `derived_from` hold ids of other claims.
    """

    id: str
    subject: str
    predicate: str
    value: Value
    evidence: Evidence
    marks: Marks
    said_by: str | None = None
    bounds: tuple[tuple[str, date], ...] = ()
    contradicts: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    method: str | None = None
    rejected: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A remark of the curator on what a document says: never a claim, always with its ground."""

    of: str
    says: str
    ground: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Published:
    """What a file says of itself as a publication; empty or None where it does not say.

    `licence` is an address or words, `publisher` a name with its address in `publisher_address`.
    """

    licence: str = ""
    publisher: str = ""
    publisher_address: str = ""
    address: str = ""
    issued: date | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A data set that was loaded, by the id it can be unloaded by."""

    id: str
    label: str
    sha256: str
    published: Published = Published()


CUT: Final = "…"
"""Ends the text of a record that is too long to be kept whole."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that could not be used: where it stands, which field is at fault, and what would be right.

    A `partial` one cost only the field: the rest of the record was used, and the record counts as loaded.
    """

    file: str
    line: int
    field: str
    reason: str
    remedy: str
    record: str = ""
    partial: bool = False

    def __str__(self) -> str:
        """Return the rejection as one line for a person."""
        return f"{self.file}:{self.line}: {self.field}: {self.reason}; {self.remedy}"


def canonical_number(number: Decimal) -> str:
    """Return a decimal as the shortest xsd:decimal that says the same.

    >>> canonical_number(Decimal("1.50")), canonical_number(Decimal("4E+2"))
    ('1.5', '400')
    """
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


class Party(NamedTuple):
    """An organisation as one record names it.

    `identifiers` are official ones in the form of org-id.guide (`GB-COH-01234567`), the most telling first; `cls`
    is the local name of the narrowest class that the record itself warrants.
    """

    name: str
    identifiers: tuple[str, ...] = ()
    cls: str = "Organisation"


class RegisterEntry(NamedTuple):
    """What a contracts register says of a contract beside what every record of one does.

    `department` is the part of the buyer that is responsible; `review` the day of the next review; `notice_months` how
    long before the end notice is due; `yearly_value` in the contract's currency; `procedure` how it was bought; `sme`
    and `vcse` whether the supplier is a small or medium firm, or a voluntary, community or social enterprise.
    """

    reference: str = ""
    department: str = ""
    review: date | None = None
    notice_months: int | None = None
    yearly_value: Decimal | None = None
    procedure: str = ""
    sme: bool | None = None
    vcse: bool | None = None


class Notice(NamedTuple):
    """A published notice: its key, its publisher's number, its type (`UK7`) and the day it was published."""

    key: str
    number: str
    type: str
    published: date | None


class ContractEvent(NamedTuple):
    """What happened to a contract: `kind` is `Change` or `PerformanceFailure`, `key` is `event/...`.

    `new_end` and `value` are those of the contract after a change; of a failure, `value` is the penalty, and
    `suppliers` are those who failed, where not all of the contract did.
    """

    kind: str
    key: str
    label: str
    day: date | None = None
    reason: str = ""
    new_end: date | None = None
    value: Decimal | None = None
    currency: str | None = None
    added: tuple[Party, ...] = ()
    removed: tuple[Party, ...] = ()
    suppliers: tuple[Party, ...] = ()


class Terms(NamedTuple):
    """Whether a contract can be widened or renewed, None where nothing says so, and the notice's words on that."""

    has_options: bool | None = None
    options: tuple[str, ...] = ()
    has_renewal: bool | None = None
    renewals: tuple[str, ...] = ()


class ContractLife(NamedTuple):
    """What notices tell of a contract's life; `call_off_of` are OCIDs of frameworks, `end_reason` a local name.

    `paid` is the sum of the payments that they list, in the contract's currency.
    """

    latest_end: date | None = None
    ended: date | None = None
    end_reason: str | None = None
    lots: tuple[str, ...] = ()
    call_off_of: tuple[str, ...] = ()
    events: tuple[ContractEvent, ...] = ()
    paid: Decimal | None = None
    terms: Terms = Terms()


class ContractRecord(NamedTuple):
    """An award as a contract. Money is in `currency`; `services` are slugs, `cpv` eight-digit codes.

    `id` tells it from every other contract of any source; `record` is where its source has it; `guard` is why it counts
    in no share, or None. `vat` is `net` or `gross` where it says so, `gross` the value with value-added tax where both
    are given; `framework_hints` are the signs that it sets up a framework, each with the field that has it
    (`title:framework`). `published` is when the record was; `ended` when the contract came to its end in fact,
    `end_reason` how (a local name: `expired`, `terminatedByParty`, ...), `latest_end` the last day to which it can be
    extended. `entry` is what a contracts register says of it, `life` what notices do; `references` are numbers that it
    is known by elsewhere: the tender's, the contract's, a notice's, an order's.
    """

    id: str
    title: str
    buyers: tuple[Party, ...]
    suppliers: tuple[Party, ...]
    record: str
    process: str | None = None
    value: Decimal | None = None
    currency: str | None = None
    awarded: date | None = None
    start: date | None = None
    end: date | None = None
    cpv: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    guard: str | None = None
    vat: str = ""
    framework_hints: tuple[str, ...] = ()
    published: date | None = None
    ended: date | None = None
    end_reason: str | None = None
    latest_end: date | None = None
    entry: RegisterEntry | None = None
    life: ContractLife | None = None
    references: tuple[str, ...] = ()
    gross: Decimal | None = None


class ProcessRecord(NamedTuple):
    """A procurement process, awarded or not, with its estimated value. `id` is its OCID.

    `gross` is as in a contract; `is_framework` and `is_dynamic_market` are None where nothing says so. `notices` are
    those that the record was made from; `continues` are OCIDs of earlier processes that this one takes up. `ended` and
    `reason` are of one that came to its end without a contract.
    """

    id: str
    title: str
    buyers: tuple[Party, ...]
    record: str
    stage: str
    value: Decimal | None = None
    currency: str | None = None
    published: date | None = None
    cpv: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    is_framework: bool | None = None
    notices: tuple[Notice, ...] = ()
    continues: tuple[str, ...] = ()
    gross: Decimal | None = None
    is_dynamic_market: bool | None = None
    lots: tuple[str, ...] = ()
    terms: Terms = Terms()
    ended: date | None = None
    reason: str = ""


SME: Final = "SME"
"""The size of a small or medium-sized enterprise; that of any other is `Large`."""


@dataclass(frozen=True, slots=True)
class Spend:
    """Money between two parties in one month: its key, those of the parties, the sum, and the rows it is made of.

    `typed` is how certain the service types are. `sector` is the buyer's, `size` the supplier's (`SME` or
    `Large`) and `lot` the framework's, as a table of sales has them; `vat` is `net` or `gross` of value-added tax, or
    nothing where the file does not say.
    """

    key: str
    buyer: str
    supplier: str
    month: str
    services: tuple[str, ...]
    guard: str | None
    amount: Decimal
    count: int
    rows: str
    typed: str = "asserted"
    size: str = ""
    vat: str = ""
    currency: str = "GBP"
    sector: str = ""
    lot: str = ""
