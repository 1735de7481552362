"""Every spelling has a key of its own: what joins two is listed, and can be undone."""

import pytest

from civicgraph.graph.identity.clusters import Resolution
from civicgraph.graph.identity.judgements import read_judgements, without
from civicgraph.graph.identity.mentions import Rank, SourceMention
from civicgraph.graph.identity.names import key_in_sources, provisional_key, written_key
from civicgraph.graph.identity.resolve import resolve


def spelt(*names: str, identifiers: tuple[str, ...] = (), cls: str = "Organisation") -> list[SourceMention]:
    return [SourceMention(written_key(name, identifiers), name, Rank.RECORDS, identifiers, cls) for name in names]


def key(resolution: Resolution, name: str, *identifiers: str) -> str:
    return resolution.of(written_key(name, identifiers))


RAIL = ("Balfour Beatty Rail Ltd", "BALFOUR BEATTY RAIL LIMITED", "Balfour Beatty Rail Ltd (RS Alliance Use Only)")


def test_what_a_normal_name_joins_is_listed() -> None:
    resolution = resolve(spelt(*RAIL))
    assert {key(resolution, name) for name in RAIL} == {"organisation/balfour-beatty-rail-ltd"}
    assert {(merge.reason, merge.evidence) for merge in resolution.merges} == {("name", name) for name in RAIL}


def test_two_spellings_of_one_normal_name_are_told_apart() -> None:
    judged = read_judgements(f'- different: ["{RAIL[0]}", "{RAIL[2]}"]')
    resolution = resolve(spelt(*RAIL), judged)
    assert key(resolution, RAIL[0]) == key(resolution, RAIL[1]) == "organisation/balfour-beatty-rail-ltd"
    assert key(resolution, RAIL[2]) not in {key(resolution, RAIL[0]), written_key(RAIL[2])}
    turned = read_judgements(f'- different: ["{RAIL[2]}", "{RAIL[0]}"]')
    assert resolve(spelt(*RAIL), turned).canonical == resolution.canonical


def test_names_in_different_case_are_two_if_a_person_says_so() -> None:
    resolution = resolve(spelt("ACME LTD", "Acme Ltd"), read_judgements("- different: [ACME LTD, Acme Ltd]"))
    assert key(resolution, "ACME LTD") != key(resolution, "Acme Ltd")


def test_a_wrong_company_number_can_be_undone() -> None:
    named = spelt("Acme Ltd", "Zeta Ltd", identifiers=("GB-COH-1",))
    joined = resolve(named)
    assert key(joined, "Acme Ltd", "GB-COH-1") == key(joined, "Zeta Ltd", "GB-COH-1") == "organisation/gb-coh-1"
    assert {merge.reason for merge in joined.merges} == {"identifier"}
    parted = resolve(named, read_judgements("- different: [Acme Ltd, Zeta Ltd]"))
    assert key(parted, "Acme Ltd", "GB-COH-1") != key(parted, "Zeta Ltd", "GB-COH-1")


def test_one_who_is_told_apart_is_still_the_company_of_its_name() -> None:
    named = [*spelt(*RAIL), *spelt("Balfour Beatty Rail Ltd", identifiers=("GB-COH-1",))]
    resolution = resolve(named, read_judgements(f'- different: ["{RAIL[0]}", "{RAIL[2]}"]'))
    assert key(resolution, RAIL[0]) == "organisation/gb-coh-1"
    assert key(resolution, RAIL[2]) != "organisation/gb-coh-1"


def test_one_name_is_two_bodies_in_two_sources() -> None:
    school = "St Mary's School"
    leeds, bradford = written_key(school), key_in_sources(written_key(school), "bradford*")
    named = [SourceMention(leeds, school), SourceMention(bradford, school)]
    assert resolve(named).of(leeds) == resolve(named).of(bradford)
    resolution = resolve(named, read_judgements(f'- different: ["{school}", "{school} @ bradford*"]'))
    assert resolution.of(leeds) == "organisation/st-marys-school"
    assert resolution.of(bradford) == key_in_sources("organisation/st-marys-school", "bradford*")


@pytest.mark.parametrize("sides", ["[Acme Ltd, Acme Ltd]", "[Nobody Ltd, No One Ltd]", "[Acme Ltd, Nobody Ltd]"])
def test_a_judgement_that_cannot_be_followed_changes_nothing(sides: str) -> None:
    resolution = resolve(spelt("Acme Ltd", "ACME LTD"), read_judgements(f"- different: {sides}"))
    assert key(resolution, "Acme Ltd") == key(resolution, "ACME LTD")
    assert [refused.reason for refused in resolution.refused] == (
        ["judgement in line 1"] if "Acme Ltd, A" in sides else []
    )


def test_undoing_takes_the_entry_of_these_spellings() -> None:
    text = f'- different: ["{RAIL[0]}", "{RAIL[2]}"]\n- different: ["{RAIL[0]}", "{RAIL[1]}"]\n'
    assert without(text, RAIL[2], RAIL[0]) == text.splitlines(keepends=True)[1]


@pytest.mark.parametrize("acronym", ["CSC", "ACP", "BJSS"])
def test_an_acronym_alone_makes_no_supplier_a_public_body(acronym: str) -> None:
    named = "Civil Service Commission", Rank.REGISTER, ("GB-GOR-D1",), "PublicBody"
    body = SourceMention("organisation/gb-gor-d1", *named)
    alias = SourceMention(body.key, acronym, Rank.REGISTER, is_alias=True)
    supplier = resolve([body, alias, *spelt(acronym)])
    assert key(supplier, acronym) == provisional_key(acronym)
    assert [doubt.kind for doubt in supplier.doubtful] == ["acronym"]
    buyer = resolve([body, alias, *spelt(acronym, cls="PublicBody")])
    assert key(buyer, acronym) == body.key


REVIEWED = [
    ("Northgate Example Services (UK) L", "Northgate Example Services (UK) Limited", "cut off"),
    ("Example Learning and Development Tr", "Example Learning and Development Trust", "cut off"),
    ("Fir Assoc Ltd", "Fir Associates Ltd", "abbreviation"),
    ("Fir Assoc Ltd", "Fir Association Ltd", "abbreviation"),
    ("Grove Eng Services Ltd", "Grove Engineering Services Ltd", "abbreviation"),
    ("Cyngor Sir Ynys Môn", "Isle of Anglesey County Council", "council name"),
    ("LB Hackney", "London Borough of Hackney", "council name"),
    ("Cyngor Sir Gar - Carmarthenshire County Council", "Carmarthenshire County Council", "bilingual"),
    ("Heddlu Gwent / Gwent Police", "Gwent Police", "bilingual"),
    ("Amazon.co.uk 8D9A72B41", "Amazon.co.uk", "reference"),
    ("Amazon.co.uk 8D9A72B41", "Amazon.co.uk 1F33K2L90", "reference"),
    ("Marks Spencer plc", "Marks & Spencer plc", "and"),
    ("Bramble Thorn Ltd", "Bramble and Thorn Limited", "and"),
    ("Maple LLP", "Maple Ltd", "form"),
    ("Leeds University", "Leeds University Ltd", "form"),
]


@pytest.mark.parametrize(("one", "other", "kind"), REVIEWED)
def test_what_may_be_one_reaches_review(one: str, other: str, kind: str) -> None:
    resolution = resolve(spelt(one, other, "Other plc"))
    assert key(resolution, one) != key(resolution, other)
    assert [doubt.kind for doubt in resolution.doubtful] == [kind]


@pytest.mark.parametrize(
    "names",
    [
        ("Beech NHS FT", "Beech NHSFT", "Beech NHS F T", "Beech NHS Foundation Trust"),
        ("DO NOT USE - Alder Digital Ltd", "Alder Digital Ltd", "Alder Digital Limited (do not use)"),
        ("Duplicate: Elm Ltd", "(DO NOT USE) Elm Limited", "Elm Ltd"),
    ],
)
def test_a_note_or_a_known_abbreviation_is_no_other_name(names: tuple[str, ...]) -> None:
    resolution = resolve(spelt(*names))
    assert len({key(resolution, name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("Closed Loop Ltd", "Loop Ltd"), ("Duplicate Printing Ltd", "Printing Ltd"), ("Leeds NHS FT", "Leeds FT")],
)
def test_what_is_not_set_off_is_part_of_the_name(one: str, other: str) -> None:
    resolution = resolve(spelt(one, other))
    assert key(resolution, one) != key(resolution, other)
    assert resolution.doubtful == ()


def test_two_companies_of_one_name_and_one_without_a_number_are_shown_as_such() -> None:
    companies = [*spelt("Nu IT Ltd", identifiers=("GB-COH-1",)), *spelt("Nu IT Ltd", identifiers=("GB-COH-2",))]
    resolution = resolve([*companies, *spelt("NU IT LIMITED", "Nu IT Ltd")])
    assert len({resolution.of(mention.key) for mention in companies}) == 2
    assert key(resolution, "NU IT LIMITED") == key(resolution, "Nu IT Ltd") == "organisation/nu-it-ltd"
    assert [(doubt.kind, doubt.left, doubt.right) for doubt in resolution.doubtful] == [
        ("same name", "organisation/gb-coh-1", "organisation/nu-it-ltd"),
        ("same name", "organisation/gb-coh-2", "organisation/nu-it-ltd"),
    ]
