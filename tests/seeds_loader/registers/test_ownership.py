"""Files of ownership: rows as people write them, faults by line and field, and what becomes of them in the graph."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from civicgraph.graph.identity.ownership import group_at
from civicgraph.graph.records.iris import thing_iri
from civicgraph.graph.records.register_types import Ownership
from civicgraph.graph.records.types import Party, Rejection
from civicgraph.graph.snapshot.check import check
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import unload
from civicgraph.seeds_loader.load_registers import load_ownership
from civicgraph.seeds_loader.registers.ownership import read_ownership

HEADER = "owner,owner_id,owned,owned_id,share,control,from,to,source"
FINE = "Serco Group plc,GB-COH-02048608,Serco Limited,GB-COH-00242246,100%,,1987,,Companies House"


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "ownership.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_row_is_read_as_it_is_meant(tmp_path: Path) -> None:
    rows = (FINE, "A Ltd,,B Ltd,,,no,2011-05/2011-06-04,2015-10-31,an article")
    assert list(read_ownership(written(tmp_path, *rows))) == [
        Ownership(
            Party("Serco Group plc", ("GB-COH-02048608",)),
            Party("Serco Limited", ("GB-COH-00242246",)),
            controls=True,
            ground="Companies House",
            record="ownership.csv:2",
            share=Decimal(1),
            starts="1987",
        ),
        Ownership(
            Party("A Ltd"),
            Party("B Ltd"),
            controls=False,
            ground="an article",
            record="ownership.csv:3",
            starts="2011-05/2011-06-04",
            ends="2015-10-31",
        ),
    ]


def test_optional_columns_may_be_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "A Ltd,B Ltd,51%,a filing", header="owner,owned,share,source")
    (found,) = read_ownership(path)
    assert isinstance(found, Ownership)
    assert (found.controls, found.share) == (True, Decimal("0.51"))


@pytest.mark.parametrize(
    ("field", "row"),
    [
        ("owner", ",,B Ltd,,100%,,,,x"),
        ("owned", "A Ltd,,,,100%,,,,x"),
        ("owned", "A Ltd,,A LIMITED,,100%,,,,x"),
        ("owner_id", "A Ltd,02048608,B Ltd,,100%,,,,x"),
        ("owned_id", "A Ltd,,B Ltd,GB-COH-1,100%,,,,x"),
        ("share", "A Ltd,,B Ltd,,51,,,,x"),
        ("share", "A Ltd,,B Ltd,,101%,,,,x"),
        ("share", "A Ltd,,B Ltd,,most,,,,x"),
        ("share", "A Ltd,,B Ltd,,0,,,,x"),
        ("share", "A Ltd,,B Ltd,,,,,,x"),
        ("control", "A Ltd,,B Ltd,,,perhaps,,,x"),
        ("from", "A Ltd,,B Ltd,,100%,,1.4.2011,,x"),
        ("from", "A Ltd,,B Ltd,,100%,,2011/..,,x"),
        ("to", "A Ltd,,B Ltd,,100%,,2011,2010,x"),
        ("source", "A Ltd,,B Ltd,,100%,,,,"),
        ("record", "A Ltd,,B Ltd,,100%,,,,x,and more"),
    ],
)
def test_a_row_at_fault_is_rejected_with_line_and_field(tmp_path: Path, field: str, row: str) -> None:
    fine, fault = read_ownership(written(tmp_path, FINE, row))
    assert isinstance(fine, Ownership)
    assert isinstance(fault, Rejection)
    assert (fault.file, fault.line, fault.field) == ("ownership.csv", 3, field)
    assert fault.remedy


def test_a_row_that_stands_twice_is_said_so(tmp_path: Path) -> None:
    _, fault = read_ownership(written(tmp_path, FINE, FINE))
    assert isinstance(fault, Rejection)
    assert fault.reason == "says what line 2 says"


@pytest.fixture
def loaded(tmp_path: Path, seeds_folder: DataFolder) -> DataFolder:
    """Hold the seed facts, and a file that knows more of the same companies than they do."""
    rows = (
        "Blackstone,,Intelenet Global Services,,100%,,2015-11,,an article",
        "Steria,,Joint venture of Steria and the Cabinet Office,,75%,,2013-11,,an article",
    )
    result = load_ownership(seeds_folder, [written(tmp_path, *rows)])
    assert (result.report.read, result.report.loaded) == (2, 2)
    return seeds_folder


def test_a_file_adds_to_what_claims_say(loaded: DataFolder) -> None:
    intelenet = thing_iri("organisation/intelenet-global-services")
    venture = thing_iri("organisation/joint-venture-of-steria-and-the-cabinet-office")
    with loaded.edges() as table:
        before, after = (group_at(table.holdings, day).of for day in (date(2012, 1, 1), date(2016, 1, 1)))
    with loaded.open() as snapshot:
        findings = check(snapshot.engine)
    assert before[intelenet] == thing_iri("organisation/serco")
    assert after[intelenet] == thing_iri("organisation/blackstone")
    assert after[venture] == thing_iri("organisation/steria")
    assert [finding for finding in findings if finding.severity == "Violation"] == []


def test_taking_the_file_out_leaves_no_trace(loaded: DataFolder) -> None:
    unload(loaded, "ownership")
    with loaded.edges() as table:
        assert thing_iri("organisation/blackstone") not in group_at(table.holdings, date(2016, 1, 1)).of
    with loaded.open() as snapshot:
        assert list(snapshot.engine.select('SELECT ?s { ?s rdfs:label "Blackstone" }')) == []
