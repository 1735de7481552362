"""OCDS becomes processes and contracts: the real files counted independently, other publishers' forms by hand."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.records.types import ContractRecord, ProcessRecord, Rejection
from civicgraph.seeds_loader.ocds.fields import amount
from civicgraph.seeds_loader.ocds.processes import contract_id
from civicgraph.seeds_loader.services.classify import services_of, services_of_contract, services_of_text
from civicgraph.seeds_loader.text import clean_text
from tests.seeds_loader.ocds.reading import read_ocds

FOLDER = Path(__file__).parents[4] / "shared/data/ocds"
ENGLAND = FOLDER / "contracts_finder_england.jsonl"
SCOTLAND = FOLDER / "pcs_scotland.jsonl"
at_hand = pytest.mark.skipif(not ENGLAND.exists(), reason=f"the real OCDS files are not at hand in {FOLDER}")

BASE: dict[str, Any] = {
    "ocid": "ocds-x-1",
    "id": "r1",
    "date": "2024-01-01T00:00:00Z",
    "tag": ["award"],
    "buyer": {"id": "b", "name": "Ashby Council"},
    "parties": [
        {"id": "b", "name": "Ashby Council", "roles": ["buyer"]},
        {"id": "s", "name": "Alpha Ltd", "identifier": {"scheme": "GB-COH", "id": "7689604"}, "roles": ["supplier"]},
    ],
    "tender": {
        "id": "t",
        "title": "Payroll",
        "value": {"amount": 900, "currency": "GBP"},
        "classification": {"scheme": "CPV", "id": "79211110"},
    },
    "awards": [
        {
            "id": "1",
            "status": "active",
            "date": "2023-12-01T00:00:00Z",
            "suppliers": [{"id": "s", "name": "Alpha"}],
            "value": {"amount": 500.25, "currency": "GBP"},
        }
    ],
}


def release(**fields: object) -> dict[str, Any]:
    return {**json.loads(json.dumps(BASE)), **fields}


def award(**fields: object) -> dict[str, Any]:
    return {**json.loads(json.dumps(BASE["awards"][0])), **fields}


def write(folder: Path, *releases: object) -> Path:
    path = folder / "a.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in releases), encoding="utf-8")
    return path


def contracts(folder: Path, *releases: object) -> list[ContractRecord]:
    return [record for record in read_ocds(write(folder, *releases)) if isinstance(record, ContractRecord)]


def contract(folder: Path, **fields: object) -> ContractRecord:
    (only,) = contracts(folder, release(**fields))
    return only


@at_hand
@pytest.mark.parametrize("path", [ENGLAND, SCOTLAND], ids=["england", "scotland"])
def test_a_real_file_is_accounted_for(path: Path) -> None:
    releases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    records = list(read_ocds(path))
    lost = [record for record in records if isinstance(record, Rejection)]
    # One party has a number of nine digits for a company.
    assert {(one.field, one.partial) for one in lost} <= {("parties/identifier", True)}
    processes = [record for record in records if isinstance(record, ProcessRecord)]
    made = [record for record in records if isinstance(record, ContractRecord)]
    awards = {(one["ocid"], a["id"]) for one in releases for a in one.get("awards", ())}
    assert Counter(one.id for one in processes) == Counter({one["ocid"] for one in releases})
    assert len({one.id for one in made}) == len(made) == len(awards)
    assert len(records) == len(processes) + len(made) + len(lost)
    without = {one["ocid"] for one in releases} - {ocid for ocid, _ in awards}
    assert {one.id for one in processes if one.stage not in ("award", "contract")} == without


@at_hand
def test_the_figures_of_the_english_file() -> None:
    releases = [json.loads(line) for line in ENGLAND.read_text(encoding="utf-8").splitlines()]
    assert (len(releases), sum(len(one.get("awards", ())) for one in releases)) == (201, 148)
    releases.sort(key=lambda one: str(one["date"]))
    last = {one["ocid"]: one for one in releases}
    awards = {(one["ocid"], a["id"]): a for one in releases for a in one.get("awards", ())}
    made = [record for record in read_ocds(ENGLAND) if isinstance(record, ContractRecord)]
    assert sum(one.value or 0 for one in made) == sum(Decimal(str(a["value"]["amount"])) for a in awards.values())
    numbers = [
        party["identifier"]["id"]
        for one in last.values()
        for party in one["parties"]
        if "supplier" in party["roles"]
        and party["identifier" if "identifier" in party else "details"].get("scheme") == "GB-COH"
    ]
    known = {f"GB-COH-{number.zfill(8)}" for number in numbers if 6 <= len(number) <= 8}
    assert known == {i for one in made for supplier in one.suppliers for i in supplier.identifiers}
    assert not any("GB-CFS" in i or "GB-SRS" in i for one in made for party in one.buyers for i in party.identifiers)
    assert sum(1 for one in made if not one.suppliers) == 1
    assert not any("â€" in one.title for one in made)


@at_hand
def test_frameworks_of_the_scottish_file() -> None:
    releases = [json.loads(line) for line in SCOTLAND.read_text(encoding="utf-8").splitlines()]
    told = {one["ocid"] for one in releases if one["tender"].get("techniques", {}).get("hasFrameworkAgreement")}
    found = {r.id for r in read_ocds(SCOTLAND) if isinstance(r, ProcessRecord) and r.is_framework}
    assert told <= found
    assert len(found) <= 28


def test_an_award_is_a_contract(tmp_path: Path) -> None:
    made = contract(tmp_path)
    assert (made.id, made.process, made.record) == ("ocds-x-1-1", "ocds-x-1", "ocds-x-1 release r1 line 1")
    assert (made.value, made.currency, made.awarded) == (Decimal("500.25"), "GBP", date(2023, 12, 1))
    assert [(one.name, one.identifiers, one.cls) for one in made.suppliers] == [
        ("Alpha Ltd", ("GB-COH-07689604",), "Company")
    ]
    assert [one.name for one in made.buyers] == ["Ashby Council"]
    assert (made.cpv, made.services, made.guard) == (("79211110",), ("payroll",), None)


def test_a_contract_fills_what_its_award_lacks_and_makes_no_second(tmp_path: Path) -> None:
    bare = {"id": "1", "suppliers": [{"id": "s"}]}
    signed = {
        "id": "c1",
        "awardID": "1",
        "status": "active",
        "value": {"amount": 70, "amountGross": 84, "currency": "GBP"},
        "period": {"startDate": "2024-02-01", "endDate": "2026-01-31"},
        "dateSigned": "2024-01-15T00:00:00Z",
    }
    made = contract(tmp_path, awards=[bare], contracts=[signed, {**signed, "id": "c2"}])
    assert (made.value, made.vat, made.awarded) == (Decimal(140), "net", date(2024, 1, 15))
    assert (made.start, made.end) == (date(2024, 2, 1), date(2026, 1, 31))
    assert contract(tmp_path, contracts=[signed]).value == Decimal("500.25")
    assert (
        contract(tmp_path, awards=[bare], contracts=[{**signed, "status": "cancelled"}]).guard == "unsuccessful-award"
    )


def test_contracts_without_awards_stand_for_themselves(tmp_path: Path) -> None:
    made = contracts(tmp_path, release(awards=[], contracts=[{"id": "c", "value": {"amount": 5, "currency": "GBP"}}]))
    assert [(one.value, [s.name for s in one.suppliers]) for one in made] == [(Decimal(5), ["Alpha Ltd"])]


def test_lots_have_their_own_codes(tmp_path: Path) -> None:
    items = [
        {"id": str(lot), "relatedLot": str(lot), "deliveryAddresses": [{"region": f"UKM7{lot}"}],
         "additionalClassifications": [{"scheme": "CPV", "id": code}]}
        for lot, code in ((1, "48445000"), (2, "64212000"))
    ]  # fmt: skip
    lots = [award(id=str(lot), relatedLots=[str(lot)]) for lot in (1, 2)]
    bids = {"statistics": [{"measure": "bids", "value": lot + 2, "relatedLot": str(lot)} for lot in (1, 2)]}
    one, two = contracts(tmp_path, release(tender={"title": "t", "items": items}, awards=lots, bids=bids))
    assert (one.services, two.services) == (("crm",), ("mobile",))


def test_several_suppliers_each_once(tmp_path: Path) -> None:
    given_twice = [
        {"id": "s"},
        {"name": "Beta Ltd"},
        {"id": "s"},
        {"name": "Beta Ltd"},
        {"id": "z", "name": None},
        None,
    ]
    made = contract(tmp_path, awards=[award(suppliers=given_twice)])
    assert [one.name for one in made.suppliers] == ["Alpha Ltd", "Beta Ltd"]


def test_releases_of_one_process_are_merged_in_the_order_of_time(tmp_path: Path) -> None:
    first = release(date="2024-01-01T00:30:00+01:00", tag=["tender"], awards=[])
    second = release(id="r2", date="2024-01-01T00:00:00Z", awards=[award(), award(id="2", status="active")])
    third = release(id="r3", date="2024-02-01T00:00:00Z", awards=[{"id": "2", "status": "cancelled"}])
    del third["tender"]
    made = contracts(tmp_path, third, first, second)
    assert [(one.id, one.guard, one.title) for one in made] == [
        ("ocds-x-1-1", None, "Payroll"),
        ("ocds-x-1-2", "unsuccessful-award", "Payroll"),
    ]
    assert made[0].record == "ocds-x-1 release r3 line 1"


def test_what_cannot_be_ordered_or_merged_is_rejected(tmp_path: Path) -> None:
    undated = release(id="r2")
    del undated["date"]
    records = list(read_ocds(write(tmp_path, release(), undated)))
    assert [(r.line, r.field) for r in records if isinstance(r, Rejection)] == [(2, "date")]
    assert sum(isinstance(r, ContractRecord) for r in records) == 1
    odd = release(id="r3", date="2024-03-01T00:00:00Z", tender=[{"id": "t"}])
    rejected = [r for r in read_ocds(write(tmp_path, release(), odd)) if isinstance(r, Rejection)]
    assert {(r.line, r.field) for r in rejected} == {(1, "release"), (2, "release")}


def test_a_compiled_release_stands_for_what_came_before(tmp_path: Path) -> None:
    whole = release(
        tag=["compiled"], date="2024-05-01T00:00:00Z", awards=[award(value={"amount": 9, "currency": "GBP"})]
    )
    assert [one.value for one in contracts(tmp_path, release(), whole)] == [Decimal(9)]


@pytest.mark.parametrize(
    ("fields", "value", "guard"),
    [
        ({"value": {"amount": "£1,250.50", "currency": "GBP"}}, Decimal("1250.50"), None),
        ({"value": {"amount": "many", "currency": "GBP"}}, None, None),
        ({"value": {"amount": -5, "currency": "GBP"}}, Decimal(-5), "absurd-amount"),
        ({"value": {"amount": 10**16, "currency": "GBP"}}, Decimal(10**16), "absurd-amount"),
        ({"value": {"amount": 0, "currency": "GBP"}}, Decimal(0), None),
        ({"value": None}, None, None),
        ({"value": [], "suppliers": None, "date": "soon", "contractPeriod": "x"}, None, None),
        ({"status": "cancelled"}, Decimal("500.25"), "unsuccessful-award"),
        ({"status": "pending"}, Decimal("500.25"), "pending-award"),
    ],
)
def test_an_award_loads_without_what_it_cannot_say(
    tmp_path: Path, fields: dict[str, object], value: Decimal | None, guard: str | None
) -> None:
    made = contract(tmp_path, awards=[award(**fields)])
    assert (made.value, made.guard) == (value, guard)


def test_two_awards_with_one_id(tmp_path: Path) -> None:
    other = award(value={"amount": 9000, "currency": "GBP"})
    records = list(read_ocds(write(tmp_path, release(awards=[award(), award(), other]))))
    assert [type(r).__name__ for r in records] == ["ProcessRecord", "Rejection", "ContractRecord", "ContractRecord"]
    made = [record for record in records if isinstance(record, ContractRecord)]
    assert len({record.id for record in made}) == 2
    assert made[1].value == 9000
    (warning,) = [record for record in records if isinstance(record, Rejection)]
    assert (warning.field, warning.partial) == ("awards/id", True)


def test_awards_with_one_id_stay_two_over_several_releases(tmp_path: Path) -> None:
    awards = [award(), award(value={"amount": 9000, "currency": "GBP"})]
    lines = [release(awards=awards, id=number, date=f"2025-0{number}-01T00:00:00Z") for number in (1, 2)]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    made = [record for record in read_ocds(path) if isinstance(record, ContractRecord)]
    assert max(record.value or 0 for record in made) == 9000
    assert (len(made), {record.guard for record in made}) == (2, {None})


@pytest.mark.parametrize(("written", "code"), [("gbp", "GBP"), ("£", "GBP"), ("Euros", "EUR"), ("$", None), (7, None)])
def test_a_currency_in_any_spelling_or_told(tmp_path: Path, written: object, code: str | None) -> None:
    value = {"amount": 5000, "currency": written}
    records = list(read_ocds(write(tmp_path, release(awards=[award(value=value)]))))
    (made,) = [record for record in records if isinstance(record, ContractRecord)]
    told = [record.field for record in records if isinstance(record, Rejection)]
    assert (made.currency, told) == (code, [] if code else ["awards/value/currency"])


def test_processes_without_an_award(tmp_path: Path) -> None:
    stages = [
        ({"status": "planned"}, "planning"),
        ({"status": "active"}, "tender"),
        ({"status": "cancelled"}, "cancelled"),
    ]
    for tender, stage in stages:
        (process,) = read_ocds(write(tmp_path, release(awards=None, tag=["tender"], tender=tender)))
        assert isinstance(process, ProcessRecord)
        assert process.stage == stage


@given(st.integers(-(2**46) * 100, 2**46 * 100))
def test_pennies_survive_a_double(pennies: int) -> None:
    exact = Decimal(pennies) / 100
    assert amount(json.loads(format(exact, "f") + ("" if pennies % 100 else ".0"))) == exact


@given(st.text())
def test_a_clean_text_stays_and_has_no_control_characters(text: str) -> None:
    assert all(character.isprintable() or character == " " or ord(character) > 160 for character in clean_text(text))
    assert clean_text("£5 – café’s") == "£5 – café’s"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, member in inner for place in _places(member, (*path, key)))][0 if path else 1 :]


@given(place=st.sampled_from(_places(BASE)), value=_JSON, several=st.booleans())
def test_anything_anywhere_is_read_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[Any, ...], value: object, several: bool
) -> None:
    changed = release()
    holder: Any = changed
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    releases = [changed, release(id="r2", date="2024-06-01T00:00:00Z"), release(ocid="ocds-x-2")]
    path = tmp_path_factory.mktemp("any") / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, releases if several else releases[::2])), encoding="utf-8")
    records = list(read_ocds(path))
    assert any(isinstance(one, ContractRecord) and one.process == "ocds-x-2" for one in records)
    assert any(getattr(one, "id", "") == "ocds-x-1" or isinstance(one, Rejection) for one in records) or place == (
        "ocid",
    )


@given(st.sets(st.tuples(st.sampled_from(["ocds-a", "ocds-a-1", "ocds-A"]), st.text(max_size=6)), max_size=30))
def test_contract_ids_are_the_worlds_only(awards: set[tuple[str, str]]) -> None:
    own = {(ocid, award.removeprefix(f"{ocid}-")) for ocid, award in awards}
    assert len({contract_id(*one) for one in own}) == len(own)


def test_codes_lead_to_types() -> None:
    assert services_of(["72253100", "72000000", "722", "85000000", "79530000", ""]) == (
        "service-desk",
        "it-services",
        "applications",
    )


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("2200 Huddle User Licences", ("collaboration",)),
        ("Squiz Private Cloud Hosting - website", ("websites",)),
        ("Email Anti Virus Anti Spam", ("cyber-security",)),
        ("IT Health-Check", ("security-assurance",)),
        ("Microsoft Dynamics CRM services", ("crm",)),
        ("Zendesk", ("service-desk",)),
        ("Council tax and business rates software, annual licence", ("revenues-benefits-system",)),
        ("Revenues and Benefits resilience service", ("revenues-benefits",)),
        ("SOCIAL FUND SOFTWARE", ("revenues-benefits-system",)),
        ("Social fund research", ()),
        ("Elections: hosted system", ("electoral-system",)),
        ("Public Protection Unit Database Case Management System", ("line-of-business",)),
        ("Iken Case Management and Time Recording annual fee", ("legal-case-system",)),
        ("Highways Management Information System", ("highways-system",)),
        ("Street Gazetteer update", ("gis",)),
        ("Virtual server, monthly", ("hosting",)),
        ("contest", ()),
        ("3.G2.118.001", ()),
        ("Expenses: project manager", ()),
        ("", ()),
    ],
)
def test_product_descriptions(text: str, services: tuple[str, ...]) -> None:
    assert services_of_text(text) == services


@pytest.mark.parametrize(
    ("cpv", "title", "services"),
    [
        ("48000000", "Revenues and Benefits System", ("revenues-benefits-system",)),
        ("72268000", "Council Tax and NNDR software", ("revenues-benefits-system",)),
        ("48100000", "Parking and permits", ("parking-system",)),
        ("72000000", "Provision of a housing management system", ("housing-system",)),
        ("72000000", "Civil Parking Enforcement Back Office System", ("parking-system",)),
        ("72000000", "Development Control and Associated Software", ("planning-system",)),
        # Under IT services at large the name of a service alone does not tell that its system was bought.
        ("72000000", "Support for council tax billing", ("it-services",)),
        ("48814000", "Library system", ("health-system",)),
        ("90500000", "Waste management system", ()),
        ("48000000", "Antivirus renewal", ("software-licences",)),
        ("48100000", "Fleet Management System", ("line-of-business",)),
    ],
)
def test_a_general_code_is_made_narrower_by_the_system_that_a_title_names(
    cpv: str, title: str, services: tuple[str, ...]
) -> None:
    assert services_of_contract((cpv,), title) == services
