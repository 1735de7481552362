"""What a record says of a contract's life stands in its quads and decides until when it ties two parties."""

from datetime import date
from decimal import Decimal

import pytest
from pyoxigraph import RdfFormat, parse

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.records.contract_quads import contract_lines
from civicgraph.graph.records.rows import COLUMNS, contract_row
from civicgraph.graph.records.types import ContractRecord, Party
from civicgraph.ontology.terms import CG, CG_NS
from tests.graph.in_memory import build_in_memory, edges_of

BUYERS, SUPPLIERS = ["organisation/kent"], ["organisation/serco"]


def contract(end: date | None = None, ended: date | None = None) -> ContractRecord:
    return ContractRecord(
        id="c",
        title="Payroll",
        buyers=(Party("Kent"),),
        suppliers=(Party("Serco"),),
        record="line 1",
        value=Decimal(5),
        currency="GBP",
        awarded=date(2024, 1, 1),
        published=date(2024, 2, 1),
        start=date(2024, 4, 1),
        end=end,
        vat="net",
        ended=ended,
        end_reason=None if ended is None else "terminatedByParty",
        latest_end=date(2030, 3, 31),
    )


def said(record: ContractRecord) -> dict[str, set[str]]:
    text = "".join(contract_lines(record, BUYERS, SUPPLIERS, "source/s"))
    found: dict[str, set[str]] = {}
    for quad in parse(text, RdfFormat.N_QUADS):
        if quad.predicate.value.startswith(CG_NS) and "/contract/" in str(quad.subject):
            found.setdefault(quad.predicate.value, set()).add(getattr(quad.object, "value", str(quad.object)))
    return found


def test_dates_tax_and_end_are_said_by_terms_of_their_own() -> None:
    found = said(contract(date(2028, 3, 31), date(2026, 9, 30)))
    assert {term: found[term] for term in (CG.awardDate, CG.publicationDate, CG.latestEnd, CG.ended)} == {
        CG.awardDate: {"2024-01-01"},
        CG.publicationDate: {"2024-02-01"},
        CG.latestEnd: {"2030-03-31"},
        CG.ended: {"2026-09-30"},
    }
    assert (found[CG.vatBasis], found[CG.endReason]) == ({CG.netOfVat}, {CG.terminatedByParty})
    assert CG.date not in found


@pytest.mark.parametrize(
    ("end", "ended", "expected"),
    [
        (date(2028, 3, 31), None, date(2028, 3, 31)),
        (date(2028, 3, 31), date(2026, 9, 30), date(2026, 9, 30)),
        (date(2026, 3, 31), date(2026, 9, 30), date(2026, 3, 31)),
        (None, date(2026, 9, 30), date(2026, 9, 30)),
        (None, None, None),
    ],
)
def test_it_ties_until_the_earlier_of_its_end_and_the_day_it_ended(
    end: date | None, ended: date | None, expected: date | None
) -> None:
    record = contract(end, ended)
    line = dict(zip(COLUMNS, contract_row(record, BUYERS, SUPPLIERS)[:-1].split("\t"), strict=True))
    assert line["last"] == ("" if expected is None else expected.isoformat())
    quads = "".join(contract_lines(record, BUYERS, SUPPLIERS, "source/s")).encode()
    table = edges_of(EmbeddedEngine(build_in_memory(quads), "by hand"))
    assert table.rows("SELECT last FROM entry") == [(expected,)]
