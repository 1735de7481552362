"""Groups follow from dated ownership alone: majorities roll up, equal partners do not, circles are reported."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.identity.ownership import Holding, group_at
from civicgraph.graph.records.iris import thing_iri
from tests.graph.in_memory import edges_of

DAY = date(2015, 6, 30)


def organisation(slug: str) -> str:
    return thing_iri(f"organisation/{slug}")


def part(owner: str, owned: str, share: str, controls: bool | None = None) -> Holding:
    return Holding(owner, owned, Decimal(share) > Decimal("0.5") if controls is None else controls, Decimal(share))


def test_the_whole_chain_is_in_the_group_of_its_topmost_owner() -> None:
    held = [Holding("plc", "holdings", True), Holding("holdings", "services", True), part("services", "shop", "0.51")]
    assert group_at(held, DAY).of == dict.fromkeys(("plc", "holdings", "services", "shop"), "plc")


def test_equal_partners_have_no_joint_venture_in_their_group_and_it_is_said() -> None:
    found = group_at([part("a", "venture", "0.5"), part("b", "venture", "0.5"), Holding("venture", "own", True)], DAY)
    assert found.of == {"venture": "venture", "own": "venture"}
    assert found.undecided == {"venture": "joint"}


def test_a_majority_decides() -> None:
    assert group_at([part("a", "venture", "0.51"), part("b", "venture", "0.49")], DAY).of == {"a": "a", "venture": "a"}


def test_partners_of_one_group_decide_together() -> None:
    held = [Holding("top", "x", True), Holding("top", "y", True), part("x", "v", "0.3"), part("y", "v", "0.3")]
    assert group_at(held, DAY).of["v"] == "top"
    assert group_at(held[1:], DAY).of.get("v") is None


def test_a_later_acquisition_ends_an_earlier_one() -> None:
    held = [
        Holding("serco", "intelenet", True, start=date(2011, 6, 4)),
        Holding("blackstone", "intelenet", True, start=date(2015, 11, 1)),
    ]
    assert group_at(held, date(2011, 6, 3)).of == {}
    assert group_at(held, DAY).of["intelenet"] == "serco"
    assert group_at(held, date(2015, 11, 1)).of["intelenet"] == "blackstone"


def test_a_day_outside_the_period_is_no_group() -> None:
    held = [Holding("a", "b", True, start=date(2015, 1, 1), end=date(2015, 12, 31))]
    days = [date(2014, 12, 31), date(2015, 1, 1), date(2015, 12, 31), date(2016, 1, 1)]
    assert ["b" in group_at(held, day).of for day in days] == [False, True, True, False]


def test_two_who_decide_alone_from_one_day_are_at_odds() -> None:
    found = group_at([Holding("a", "c", True), Holding("b", "c", True)], DAY)
    assert (found.of, found.undecided) == ({}, {"c": "at odds"})


def test_a_circle_is_reported_with_what_hangs_on_it() -> None:
    held = [Holding("a", "b", True), Holding("b", "c", True), Holding("c", "a", True), Holding("c", "d", True)]
    found = group_at([*held, Holding("x", "y", True)], DAY)
    assert found.of == {"x": "x", "y": "x"}
    assert found.undecided == dict.fromkeys("abcd", "circle")


def test_who_owns_itself_is_in_no_group() -> None:
    assert group_at([Holding("a", "a", True)], DAY).of == {}


names = st.sampled_from("abcdefg")
shares = st.one_of(st.none(), st.decimals(Decimal("0.01"), Decimal(1), places=2))
days = st.one_of(st.none(), st.dates(date(2014, 1, 1), date(2016, 12, 31)))


@given(st.lists(st.builds(Holding, names, names, st.booleans(), shares, days, days), max_size=25), st.randoms())
def test_whatever_is_held_groups_are_sound(held: list[Holding], random: object) -> None:
    found = group_at(held, DAY)
    assert all(found.of[top] == top for top in found.of.values())
    owned = {one.owned for one in held if one.at(DAY) and one.owner != one.owned}
    assert found.undecided.keys() <= owned
    # Each organisation with owners is in the group of one, or it is said why not.
    assert owned <= found.of.keys() | found.undecided.keys()
    random.shuffle(held)  # type: ignore[attr-defined] # hypothesis types what it gives as an object
    assert group_at(held, DAY) == found


@pytest.fixture(scope="module")
def told(engine_of: Callable[..., EmbeddedEngine]) -> EmbeddedEngine:
    return engine_of("""
        GRAPH cg:established {
            organisation:a a cg:Company ; rdfs:label "A" . organisation:b a cg:Company ; rdfs:label "B" .
            organisation:c a cg:Company ; rdfs:label "C" .
            cg:established cg:asOf "2015-06-30"^^xsd:date .
            ownership:one a cg:Ownership ; rdfs:label "1" ; cg:owner organisation:a ; cg:owned organisation:b ;
                cg:controls true ; cg:share 0.75 ; cg:start "2014"^^edtf:EDTF ;
                cg:startEarliest "2014-01-01"^^xsd:date ; cg:startLatest "2014-12-31"^^xsd:date .
            ownership:two a cg:Ownership ; rdfs:label "2" ; cg:owner organisation:b ; cg:owned organisation:c ;
                cg:controls true ; cg:start "2013-01-01"^^xsd:date ; cg:end "2016"^^edtf:EDTF ;
                cg:endEarliest "2016-01-01"^^xsd:date ; cg:endLatest "2016-12-31"^^xsd:date .
        }
        GRAPH cg:plans {
            ownership:three a cg:Ownership ; cg:owner organisation:c ; cg:owned organisation:a ; cg:controls true .
        }""")


def test_ownership_is_read_from_the_graph_with_what_is_certain_of_its_days(told: EmbeddedEngine) -> None:
    a, b, c = map(organisation, "abc")
    assert edges_of(told).holdings == [
        Holding(a, b, True, Decimal("0.75"), date(2014, 12, 31)),
        Holding(b, c, True, None, date(2013, 1, 1), date(2016, 1, 1)),
    ]
    assert group_at(edges_of(told).holdings, DAY).of == {a: a, b: a, c: a}
    assert group_at(edges_of(told).holdings, date(2014, 6, 1)).of == {b: b, c: b}


def test_subsidiaries_at_the_as_of_date_are_what_the_rule_derives(told: EmbeddedEngine, seeds: EmbeddedEngine) -> None:
    # The articles of 2011 and 2014 tell of acquisitions and of no end: in 2021 nobody is known to be a subsidiary.
    assert not seeds.ask("ASK { ?s cg:subsidiaryOf ?o }")
    (row,) = told.select("SELECT ?day { cg:established cg:asOf ?day }")
    assert row["day"] is not None
    direct = group_at(edges_of(told).holdings, date.fromisoformat(row["day"].value))
    derived = {
        (row["s"].value, row["o"].value)
        for row in told.select("SELECT ?s ?o { ?s cg:subsidiaryOf ?o }")
        if row["s"] and row["o"]
    }
    # The rule knows the direct owner, the mapping the topmost: following the one gives the other.
    for owned, owner in derived:
        assert direct.of[owned] == direct.of[owner]
    assert {owned for owned, _ in derived} == {one for one, top in direct.of.items() if one != top}


def test_the_seeds_know_an_acquisition_and_a_joint_venture(seeds: EmbeddedEngine) -> None:
    held = edges_of(seeds).holdings
    found = group_at(held, date(2014, 3, 3))
    serco, arvato = organisation("serco"), organisation("arvato")
    assert found.of[organisation("intelenet-global-services")] == serco
    assert found.of[organisation("department-for-transport-shared-service-centre")] == arvato
    venture = organisation("joint-venture-of-steria-and-the-cabinet-office")
    assert found.undecided[venture] == "joint"
    assert venture not in found.of
    # The article of 2 to 4 June 2011 has it happen a few days before, on 2 June at the latest.
    intelenet = organisation("intelenet-global-services")
    assert [intelenet in group_at(held, date(2011, 6, day)).of for day in (1, 2)] == [False, True]


def test_what_is_no_day_and_no_number_is_not_known(engine_of: Callable[..., EmbeddedEngine]) -> None:
    engine = engine_of("""
        GRAPH cg:established {
            organisation:a a cg:Company ; rdfs:label "A" . organisation:b a cg:Company ; rdfs:label "B" .
            ownership:one a cg:Ownership ; rdfs:label "1" ; cg:owner organisation:a ; cg:owned organisation:b ;
                cg:share "half" ; cg:startLatest "the spring"^^xsd:date .
        }""")
    assert edges_of(engine).holdings == [Holding(organisation("a"), organisation("b"), False)]
