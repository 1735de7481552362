"""Each fault that a record can have: it is rejected alone, and the message says what would be right."""

from collections.abc import Callable
from pathlib import Path

import pytest

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.claims.claims_file import ClaimsFile, read_claims
from civicgraph.seeds_loader.claims.documents import Documents

SUBJECT = "event/move"
FOUND_BY = "here it is"
"""Stands in a comment on the line that is at fault."""

Reader = Callable[..., tuple[ClaimsFile, Path]]


@pytest.fixture
def read(claims_file: Callable[..., Path]) -> Reader:
    def reader(claims: str = "", things: str = "") -> tuple[ClaimsFile, Path]:
        path = claims_file(claims, things=things)
        return read_claims(path, Documents(None)), path

    return reader


def only(found: ClaimsFile) -> Rejection:
    assert len(found.report.rejections) == 1, found.report.rejections
    return found.report.rejections[0]


def faulty_line(path: Path) -> int:
    lines = path.read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, 1) if FOUND_BY in line)


@pytest.mark.parametrize(
    ("item", "field", "reason", "remedy"),
    [
        ("to: organisation/beta, to: place/ashby, at: 1-5", ".to", "given twice", "keep one"),
        ("to: organisation/beta, jobs: event/move, at: 1-5", "", "states to, jobs", "one claim for one property"),
        ("modality: plan, at: 1-5", "", "states none", "one claim for one property and one value"),
        ("too: organisation/beta, at: 1-5", ".too", "unknown field 'too'", "did you mean to"),
        ("to: organisation/gamma, at: 1-5", ".to", "'organisation/gamma' is not declared", "declare it under things:"),
        ("to: gamma, at: 1-5", ".to", "'gamma' is not a kind/slug", "name a thing, such as organisation/serco"),
        ("to: Organisation/Beta, at: 1-5", ".to", "is not a kind/slug", "name a thing"),
        ("to: firm/beta, at: 1-5", ".to", "'firm' is not a kind of thing", "name a thing"),
        ("to: [organisation/beta], at: 1-5", ".to", "no text", "write one value"),
        ("to: '', at: 1-5", ".to", "no text", "write one value"),
        ("type: Offshorring, at: 1-5", ".type", "'Offshorring' is not a class", "did you mean Offshoring"),
        ("to: organisation/beta", ".at", "missing", "every such record needs it"),
        ("to: organisation/beta, at: 5", ".at", "'5' is not a place", "write start-end, such as 104-198"),
        ("to: organisation/beta, at: 5-4", ".at", "5-4 lies outside", "code points 0 to 108"),
        ("to: organisation/beta, at: 5-5", ".at", "5-5 lies outside", "code points 0 to 108"),
        ("to: organisation/beta, at: 100-109", ".at", "100-109 lies outside", "code points 0 to 108"),
        ("to: organisation/beta, at: 0-9999999999", ".at", "is not a place", "write start-end"),
        ("to: organisation/beta, at: 1-5, modality: wish", ".modality", "unknown term 'wish'", "use one of: fact"),
        ("to: organisation/beta, at: 1-5, certainty: assertd", ".certainty", "unknown term", "did you mean asserted"),
        ("to: organisation/beta, at: 1-5, certainty: reported", ".saidBy", "missing", "names whose word it is"),
        ("to: organisation/beta, at: 1-5, saidBy: person/nobody", ".saidBy", "is not declared", "under things:"),
        ("amount: NaN, at: 1-5", ".amount", "'NaN' is not a number that can be meant", "below 10^15"),
        ("amount: -Infinity, at: 1-5", ".amount", "'-Infinity' is not a number that can be meant", "below 10^15"),
        ("amount: 1e999, at: 1-5", ".amount", "'1e999' is not a number that can be meant", "below 10^15"),
        ("amount: 1e-99999999, at: 1-5", ".amount", "is not a number that can be meant", "at most 12 decimals"),
        ("amount: 1000000000000000, at: 1-5", ".amount", "is not a number that can be meant", "write it in full"),
        ("amount: £5m, at: 1-5", ".amount", "'£5m' is not a number", "write digits only, such as 385000000"),
        ("currency: pounds, at: 1-5", ".currency", "'pounds' is not a currency", "three letters of ISO 4217"),
        ("duration: 13 years, at: 1-5", ".duration", "'13 years' is not a duration", "as in P13Y or P18M"),
        ("controls: perhaps, at: 1-5", ".controls", "'perhaps' is neither true nor false", "write one of the two"),
        ("duration: P, at: 1-5", ".duration", "'P' is not a duration", "as in P13Y"),
        ("serviceType: pay-roll, at: 1-5", ".serviceType", "'pay-roll' is not a service type", "did you mean payroll?"),
        ("date: soon, at: 1-5", ".date", "'soon' is not a date", "give a day (2014-03-03)"),
        ("date: 2014-02-30, at: 1-5", ".date", "'2014-02-30' is not a date", "give a day"),
        ("date: ../.., at: 1-5", ".date", "'../..' is not a date", "give at least one end"),
        ("date: 2014/2012, at: 1-5", ".date", "'2014/2012' is not a date", "give a day"),
        ('effect: "a\\0b", at: 1-5', ".effect", "control character '\\x00'", "take it out"),
        ('method: "\\e[2J", to: organisation/beta, at: 1-5', ".method", "control character '\\x1b'", "take it out"),
        ("servedBy: organisation/beta, at: 1-5", ".servedBy", "servedBy is derived", "state what it follows from"),
        ("issuedLatest: 2014-03-03, at: 1-5", ".issuedLatest", "unknown field 'issuedLatest'", "did you mean "),
        ("to: organisation/beta, at: 1-5, key: [a]", ".key", "no text", "write one value"),
    ],
)
def test_faulty_claim(read: Reader, item: str, field: str, reason: str, remedy: str) -> None:
    found, path = read(f"  {SUBJECT}:\n    - {{{item}}}  # {FOUND_BY}\n    - {{place: place/ashby, at: 1-5}}\n")
    fault = only(found)
    assert (fault.file, fault.line) == ("claims.yaml", faulty_line(path))
    assert fault.field == f"claims.{SUBJECT}{field}"
    assert reason in fault.reason
    assert remedy in fault.remedy
    assert fault.record == SUBJECT
    assert [claim.value for claim in found.claims] == ["https://w3id.org/civicgraph/id/place/ashby"]


@pytest.mark.parametrize(
    ("thing", "field", "reason", "remedy"),
    [
        ("event/e: {class: Event, label: E}", "event/e.class", "the class of a event is a claim", "write type: under"),
        ("organisation/e: {class: Firm, label: E}", "organisation/e.class", "'Firm' is not a class", "did you mean Fi"),
        ("organisation/e: {class: Company}", "organisation/e.label", "missing", "every such record needs it"),
        (
            "organisation/e: {label: E, spelt: [E]}",
            "organisation/e.spelt",
            "unknown field 'spelt'",
            "did you mean spel",
        ),
        ("organisation/e: E", "organisation/e", "no mapping", "write fields such as label:"),
        ("firm/e: {label: E}", "firm/e", "'firm' is not a kind of thing", "write a key such as organisation/serco"),
        ("organisation/E_e: {label: E}", "organisation/E_e", "is not a kind/slug", "write a key such as"),
        ("organisation/-e: {label: E}", "organisation/-e", "is not a kind/slug", "write a key such as"),
        ("organisation/e/f: {label: E}", "organisation/e/f", "is not a kind/slug", "write a key such as"),
        ('organisation/e: {label: "E\\u0007"}', "organisation/e.label", "control character", "take it out"),
        ("organisation/e: {label: E, label: F}", "organisation/e.label", "given twice", "keep one"),
        ("organisation/beta: {label: Beta again}", "organisation/beta", "given twice", "under one heading"),
    ],
)
def test_faulty_thing(read: Reader, thing: str, field: str, reason: str, remedy: str) -> None:
    found, path = read(things=f"  {thing}  # {FOUND_BY}\n")
    fault = only(found)
    assert (fault.line, fault.field) == (faulty_line(path), f"things.{field}")
    assert reason in fault.reason
    assert remedy in fault.remedy
    assert len(found.things) == 9


@pytest.mark.parametrize(
    ("correction", "field", "reason"),
    [
        ("of: organisation/beta, says: x, ground: y", ".at", "missing"),
        ("of: organisation/gamma, says: x, ground: y, at: 1-5", ".of", "is not declared"),
        ("of: organisation/beta, says: x, at: 1-5", ".ground", "missing"),
        ("of: organisation/beta, sais: x, ground: y, at: 1-5", ".sais", "unknown field"),
        ("of: organisation/beta, says: x, ground: y, at: 0-109", ".at", "lies outside"),
    ],
)
def test_faulty_correction(read: Reader, correction: str, field: str, reason: str) -> None:
    found, path = read(f"corrections:\n  - {{{correction}}}  # {FOUND_BY}\n")
    fault = only(found)
    assert (fault.line, fault.field) == (faulty_line(path), f"corrections{field}")
    assert reason in fault.reason
    assert found.corrections == []


def test_claims_of_what_is_not_declared(read: Reader) -> None:
    found, path = read(f"  event/unknown:\n    - {{to: organisation/beta, at: 1-5}}  # {FOUND_BY}\n")
    fault = only(found)
    assert (fault.line, fault.field) == (faulty_line(path), "claims.event/unknown")
    assert fault.reason == "'event/unknown' is not declared"


def test_same_claim_twice(read: Reader) -> None:
    item = "{to: organisation/beta, at: 1-5}"
    found, path = read(f"  {SUBJECT}:\n    - {item}\n    - {item}  # {FOUND_BY}\n")
    assert only(found).line == faulty_line(path)
    assert only(found).reason == f"the same claim as in line {faulty_line(path) - 1}"
    assert len(found.claims) == 1


def test_same_claim_with_another_certainty_is_another_claim(read: Reader) -> None:
    found, _ = read(
        f"  {SUBJECT}:\n    - {{to: organisation/beta, at: 1-5}}\n"
        "    - {to: organisation/beta, certainty: speculative, at: 1-5}\n"
    )
    assert len({claim.id for claim in found.claims}) == 2


def test_subject_given_twice_loses_nothing_in_silence(read: Reader) -> None:
    found, path = read(
        f"  {SUBJECT}:\n    - {{to: organisation/beta, at: 1-5}}\n"
        f"  {SUBJECT}:  # {FOUND_BY}\n    - {{place: place/ashby, at: 1-5}}\n"
    )
    fault = only(found)
    assert (fault.line, fault.field, fault.reason) == (faulty_line(path), f"claims.{SUBJECT}", "given twice")
    assert len(found.claims) == 1


@pytest.mark.parametrize("link", ["contradicts", "derivedFrom"])
def test_links_to_what_is_no_claim_of_the_file(read: Reader, link: str) -> None:
    found, path = read(
        f"  {SUBJECT}:\n    - {{to: organisation/beta, at: 1-5, key: first}}\n"
        f"    - {{place: place/ashby, at: 1-5, {link}: frist}}  # {FOUND_BY}\n"
    )
    fault = only(found)
    assert (fault.line, fault.field) == (faulty_line(path), f"claims.{link}")
    assert "'frist'" in fault.reason
    assert fault.remedy == "did you mean first?"


def test_claim_that_contradicts_itself(read: Reader) -> None:
    found, _ = read(f"  {SUBJECT}:\n    - {{to: organisation/beta, at: 1-5, key: own, contradicts: own}}\n")
    assert only(found).reason == "refers to the claim itself"


def test_what_refers_to_a_rejected_claim_falls_out_with_it(read: Reader) -> None:
    found, _ = read(
        f"  {SUBJECT}:\n    - {{to: organisation/beta, at: 1-5, key: one, derivedFrom: nowhere}}\n"
        "    - {place: place/ashby, at: 1-5, key: two, derivedFrom: one}\n"
        "    - {date: 2016, at: 1-5, derivedFrom: two}\n    - {jobs: event/move, at: 1-5}\n"
    )
    assert [rejection.field for rejection in found.report.rejections] == ["claims.derivedFrom"] * 3
    assert len(found.claims) == 1
    assert found.report.read == found.report.loaded + 3


def test_key_that_is_taken(read: Reader) -> None:
    found, path = read(
        f"  {SUBJECT}:\n    - {{to: organisation/beta, at: 1-5, key: one}}\n"
        f"    - {{place: place/ashby, at: 1-5, key: one}}  # {FOUND_BY}\n"
    )
    fault = only(found)
    assert (fault.line, fault.field) == (faulty_line(path), f"claims.{SUBJECT}.key")
    assert fault.reason == f"'one' is the key of the claim in line {faulty_line(path) - 1}"
