import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from civicgraph.graph.identity.names import Name, name_slug, normalise, provisional_key, read_name, without_parent
from civicgraph.graph.records.iris import thing_iri

PIECES = """the and & + @ ltd Limited td. co t/a re factors bank. in liquidation BACS ( ) - , of for city x y zz c e o
    St Her Majesty's P.L.C. trading as formerly 12345 (uk) l int united kingdom Brønd Ã©t cofe Ελλάδα ﬁ"""
names = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES.split()), max_size=9).map(" ".join))


@given(names)
@example("à·µ")
@example("!!!")
@example("\ud800")
def test_a_normal_name_is_its_own_never_empty_and_makes_a_key(name: str) -> None:
    normal = normalise(name)
    assert normalise(normal) == normal
    assert bool(normal) == bool(name)
    read = read_name(name)
    assert read.normal == normal
    assert f"{read.core} {read.form.replace('-', ' ')}".strip() == normal or not read.form
    thing_iri(provisional_key(name))
    without_parent(name)


@pytest.mark.parametrize(
    "names",
    [
        ("CAPITA BUSINESS SERVICES LTD", "Capita Business Services Limited", "The Capita Business-Services Ltd."),
        ("SMARTSOURCING P L C", "SmartSourcing PLC", "Smartsourcing p.l.c."),
        ("Russam GMS Ltd", "RUSSAM G M S LTD"),
        ("M and N Bottomley Ltd", "M & N BOTTOMLEY LIMITED"),
        ("Kiely Bros Ltd", "Kiely Brothers Limited"),
        ("Justice, Ministry of", "Ministry of Justice", "The Ministry of Justice"),
        ("Bristol, City of", "city of bristol", "bristol city of"),
        ("Stationery Office The", "The Stationery Office"),
        ("Her Majesty’s Treasury", "HM Treasury", "H.M. Treasury"),
        ("Carillion plc (in liquidation)", "CARILLION PLC - IN LIQUIDATION", "Carillion plc"),
        ("Galliford Try Infrastructure Ltd - Highways", "Galliford Try Infrastructure Ltd"),
        ("NORTHGATE VEHICLE HIRE LTD (HULL)", "Northgate Vehicle Hire Ltd"),
        ("Advisory Council on the Misuse of Drugs (ACMD)", "Advisory Council on the Misuse of Drugs"),
        ("Dŵr Cymru", "Dwr Cymru", "DŴR CYMRU"),
        ("Acme Ltd", "ACME\xa0Ltd", "Ａｃｍｅ Ltd"),
        ("Caf\u00e9 Bleu Ltd", "Caf\u00c3\u00a9 Bleu Ltd", "Cafe Bleu Ltd"),
        ("Brighouse Flooring Co Ltd", "Brighouse Flooring Company Limited"),
    ],
)
def test_one_name_however_it_is_spelt(names: tuple[str, ...]) -> None:
    assert len({normalise(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tessella Ltd", "Tessella plc"),
        ("X Partners Ltd", "X Partners LLP"),
        ("Reply UK Ltd", "Reply Ltd"),
        ("Capita", "Capita Business Services Ltd"),
        ("Reply Ltd (UK)", "Reply Ltd"),
        ("A & B Ltd", "AB Ltd"),
        ("Department for Education", "Department of Education"),
        ("Co-operative Group Ltd", "Company Operative Group Ltd"),
        ("Λάμδα Ltd", "Σίγμα Ltd"),
        ("Liquidation Auctions in Leeds", "Liquidation Auctions"),
        ("Systems in administration", "Systems"),
    ],
)
def test_two_names_stay_two(one: str, other: str) -> None:
    assert provisional_key(one) != provisional_key(other)


def test_what_trades_under_another_name_is_the_legal_entity() -> None:
    assert read_name("NINIAN SOLUTIONS LTD T/A HUDDLE") == Name(
        "ninian solutions ltd", "ninian solutions", "ltd", "huddle"
    )
    assert normalise("THE DEXTROUS WEB LTD TRADING AS DXW") == "dextrous web ltd"
    assert normalise("Bibby Factors Yorkshire re Subscan Uds Ltd") == normalise("Subscan UDS Limited")
    assert normalise("Ltd") == "ltd"


def test_slugs_of_names_that_are_not_ascii_do_not_collide() -> None:
    assert name_slug("λάμδα ltd") != name_slug("σίγμα ltd")
    assert provisional_key("Anything", ["GB-COH-NI050833"]) == "organisation/gb-coh-ni050833"


def test_a_country_in_brackets_is_no_department() -> None:
    assert without_parent("Construction Industry Training Board (NI)") == ()
    assert without_parent("UK Visas and Immigration (HO)") == ("uk visas and immigration",)
    assert without_parent("Crown Commercial Service (London)") == ()
