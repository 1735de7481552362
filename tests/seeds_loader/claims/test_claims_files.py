"""A claims file becomes typed records; what is wrong with it is told with file, line, field and what would be right."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from civicgraph.graph.records.iris import BASE
from civicgraph.graph.records.types import Correction, Evidence, Marks, Rejection, Text, Thing
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG, SERVICES_NS
from civicgraph.seeds_loader.claims.claims_file import ClaimsFile, read_claims
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.load import load_claims

XSD = PREFIXES["xsd"]

GOOD = """\
  service/payroll:
    - {provider: organisation/alpha, at: 0-42}
    - {customer: organisation/ashby-council, at: 0-42}
    - {serviceType: payroll, at: 33-54}
  contract/payroll:
    - {type: Contract, at: 0-54}
    - {buyer: organisation/ashby-council, at: 0-42, key: buyer}
    - {awardedValue: "5e6", certainty: reported, saidBy: person/ann-poe, derivedFrom: buyer, method: by hand, at: 19-22}
    - {currency: GBP, section: caption, rejected: not said, at: 19-22}
    - {duration: P13Y, at: 19-29}
  event/move:
    - {to: organisation/beta, modality: plan, at: 56-84}
    - {date: "2016", modality: plan, certainty: speculative, contradicts: [denial], at: 56-92}
    - {date: 2016-02-29, polarity: denied, key: denial, at: 56-92}
corrections:
  - {of: organisation/alpha, says: It is called Alpha plc now., ground: The register of companies., at: 33-42}
"""


@pytest.fixture
def good(claims_file: Callable[..., Path]) -> ClaimsFile:
    return read_claims(claims_file(GOOD), Documents(None))


def line_of(path: Path, fragment: str) -> int:
    lines = [number for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1) if fragment in line]
    assert len(lines) == 1, f"{fragment!r} stands in lines {lines}"
    return lines[0]


def test_good_file_is_read_whole(good: ClaimsFile) -> None:
    assert (len(good.things), len(good.claims), len(good.corrections)) == (9, 11, 1)
    assert good.report.as_json() == {
        "read": 1 + 9 + 11 + 1,
        "loaded": 1 + 9 + 11 + 1,
        "guarded": {},
        "rejected": {},
        "warned": {},
        "pounds": {},
        "kinds": {},
        "rejects_file": None,
        "changes": {},
    }
    assert good.report.warnings == []


def test_document_is_known_by_its_digest_and_never_by_its_words(good: ClaimsFile) -> None:
    document = good.document
    assert document.key == f"document/{document.sha256[:16]}"
    assert (document.file, document.characters, document.trust) == ("article.txt", 108, "reporting")
    assert (document.issued, document.issued_earliest) == ("2014-03-03", date(2014, 3, 3))
    assert document.publisher == f"{BASE}organisation/example-weekly"
    assert document.authors == (f"{BASE}person/ann-poe",)


def test_things_have_the_class_of_their_kind_and_the_aliases_that_are_not_their_name(good: ClaimsFile) -> None:
    things = {thing.key: thing for thing in good.things}
    assert things["organisation/ashby-council"] == Thing("organisation/ashby-council", "Ashby Council", "Council")
    assert things["organisation/alpha"].aliases == ("Alpha Ltd",)
    assert things["event/move"].cls == "Event"


def test_claims_are_triples_with_marks_and_evidence(good: ClaimsFile) -> None:
    by_value = {claim.value: claim for claim in good.claims}
    provider = by_value[f"{BASE}organisation/alpha"]
    assert (provider.subject, provider.predicate) == (f"{BASE}service/payroll", CG.provider)
    assert provider.evidence == Evidence(good.document.sha256, 0, 42)
    assert provider.marks == Marks("affirmed", "asserted", "fact", "body")
    assert by_value[f"{SERVICES_NS}payroll"].predicate == CG.serviceType
    assert by_value[CG.Contract].predicate == PREFIXES["rdf"] + "type"
    value = by_value[Text("5000000", XSD + "decimal")]
    assert (value.marks.certainty, value.said_by, value.method) == ("reported", f"{BASE}person/ann-poe", "by hand")
    assert value.derived_from == tuple(claim.id for claim in good.claims if claim.predicate == CG.buyer)
    currency = by_value[Text("GBP", XSD + "string")]
    assert (currency.marks.section, currency.rejected) == ("caption", "not said")
    assert by_value[Text("P13Y", XSD + "duration")].predicate == CG.duration


def test_inexact_dates_keep_their_text_and_have_derived_bounds(good: ClaimsFile) -> None:
    by_value = {claim.value: claim for claim in good.claims}
    year = by_value[Text("2016", PREFIXES["edtf"] + "EDTF")]
    assert dict(year.bounds) == {CG.dateEarliest: date(2016, 1, 1), CG.dateLatest: date(2016, 12, 31)}
    day = by_value[Text("2016-02-29", XSD + "date")]
    assert day.bounds == ()
    assert (day.marks.polarity, year.contradicts) == ("denied", (day.id,))


def test_corrections_are_kept_apart_from_claims(good: ClaimsFile) -> None:
    place = Evidence(good.document.sha256, 33, 42)
    says, ground = "It is called Alpha plc now.", "The register of companies."
    assert good.corrections == [Correction(f"{BASE}organisation/alpha", says, ground, place)]


BROKEN = """\
  service/payroll:
    - {provider: organisation/alpha, at: 0-42}
    - {custommer: organisation/ashby-council, at: 0-42}
    - {serviceType: pay-roll, at: 33-54}
    - {customer: organisation/ashby-council, at: 0-109}
  event/move:
    - {date: next year, modality: plan, at: 56-92}
    - {to: organisation/beta, modality: plan, at: 56-84}
"""


@pytest.fixture
def broken(claims_file: Callable[..., Path]) -> Path:
    return claims_file(BROKEN, sha256="0" * 64)


def test_five_faults_at_once_are_each_told_and_the_rest_loads(broken: Path, article: Path, tmp_path: Path) -> None:
    documents = Documents(tmp_path / "data")
    documents.add_folder(article.parent)
    found = read_claims(broken, documents)
    at_hand = documents.digest_of("article.txt")
    assert found.report.warnings == [
        Rejection(
            "claims.yaml",
            line_of(broken, "sha256:"),
            "document.sha256",
            f"digest mismatch: the article.txt at hand has {at_hand}",
            "correct it, or get the right version; until then nothing is quoted",
        )
    ]
    faults = {rejection.field: rejection for rejection in found.report.rejections}
    assert len(faults) == len(found.report.rejections) == 4
    expected = {
        "claims.service/payroll.custommer": ("custommer:", "unknown field 'custommer'", "did you mean customer?"),
        "claims.service/payroll.serviceType": ("pay-roll", "'pay-roll' is not a service type", "did you mean payroll?"),
        "claims.service/payroll.at": ("0-109", "0-109 lies outside the document", "code points 0 to 108"),
        "claims.event/move.date": ("next year", "'next year' is not a date", "give a day (2014-03-03)"),
    }
    assert set(faults) == set(expected)
    for field, (fragment, reason, remedy) in expected.items():
        rejection = faults[field]
        assert (rejection.file, rejection.line) == ("claims.yaml", line_of(broken, fragment))
        assert rejection.reason == reason
        assert remedy in rejection.remedy
        assert str(rejection) == f"claims.yaml:{rejection.line}: {field}: {reason}; {rejection.remedy}"
    assert [claim.predicate for claim in found.claims] == [CG.provider, CG.to]


def test_what_was_read_is_what_was_loaded_guarded_or_rejected(broken: Path, tmp_path: Path) -> None:
    result = load_claims(DataFolder(tmp_path / "data"), [broken])
    counts = result.report.as_json()
    assert set(counts) == {
        "read",
        "loaded",
        "guarded",
        "rejected",
        "warned",
        "pounds",
        "kinds",
        "rejects_file",
        "changes",
    }
    assert counts["read"] == 1 + 9 + 6
    assert counts["loaded"] == 1 + 9 + 2
    assert counts["read"] == counts["loaded"] + sum(counts["guarded"].values()) + sum(counts["rejected"].values())


def test_text_at_hand_shows_wrong_lengths_and_spellings(
    claims_file: Callable[..., Path], article: Path, tmp_path: Path
) -> None:
    documents = Documents(tmp_path / "data")
    documents.add_folder(article.parent)
    path = claims_file("", things="  organisation/x: {label: X, spelled: [Gamma Ltd]}\n", characters="120")
    warnings = {warning.field: warning for warning in read_claims(path, documents).report.warnings}
    assert set(warnings) == {"document.characters", "things.organisation/x.spelled"}
    assert warnings["document.characters"].reason == "the document has 108"
    assert warnings["document.characters"].line == line_of(path, "characters:")
    assert warnings["things.organisation/x.spelled"].reason == "'Gamma Ltd' is not in the document"
    assert warnings["things.organisation/x.spelled"].line == line_of(path, "Gamma Ltd")
