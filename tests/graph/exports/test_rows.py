"""Flat rows of a network: merged edges, sums to the penny, spells that do not overlap."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.exports.rows import EdgeRow, Spell, edge_rows, node_rows, plain
from civicgraph.graph.iris import BASE
from civicgraph.graph.network import Network

NetworkOf = Callable[..., Network]
POUNDS = {"kind": "contract", "currency": "GBP"}


def only_row(network: Network) -> EdgeRow:
    (row,) = edge_rows(network)
    return row


def days(*texts: str | None) -> Spell:
    start, end = (None if text is None else date.fromisoformat(text) for text in texts)
    return start, end


def test_nodes_have_their_role_and_the_number_of_their_partners(network_of: NetworkOf) -> None:
    serco = BASE + "organisation/serco"
    network = network_of([("a", serco, {}), ("a", serco, {}), ("b", serco, {}), (serco, "c", {}), ("b", "c", {})])
    found = {row.uri: (row.id, row.role, row.buyers, row.suppliers) for row in node_rows(network)}
    # Two ties to one partner are one partner.
    assert found == {
        "a": ("a", "buyer", 0, 1),
        "b": ("b", "buyer", 0, 2),
        "c": ("c", "supplier", 2, 0),
        serco: ("organisation/serco", "both", 2, 1),
    }


def test_who_serves_itself_is_buyer_and_supplier(network_of: NetworkOf) -> None:
    (row,) = node_rows(network_of([("a", "a", {})]))
    assert (row.role, row.buyers, row.suppliers) == ("both", 1, 1)


def test_rows_come_in_the_order_of_their_ids(seeds_network: Network) -> None:
    backward: Network = nx.MultiDiGraph(**seeds_network.graph)
    for iri, node in reversed(list(seeds_network.nodes.items())):
        backward.add_node(iri, **node)
    for (buyer, supplier, key), tie in reversed(list(seeds_network.edges.items())):
        backward.add_edge(buyer, supplier, key, **tie)
    for rows in (node_rows, edge_rows):
        found = rows(seeds_network)
        assert [row.id for row in found] == sorted(row.id for row in found)
        assert len({row.id for row in found}) == len(found)
        assert rows(backward) == found


def test_ties_of_one_buyer_supplier_and_kind_are_one_edge(seeds_network: Network) -> None:
    found = {row.id.removeprefix("organisation/birmingham-city-council|"): row for row in edge_rows(seeds_network)}
    # The two services to Birmingham are merged; the contract with the same supplier stays apart.
    services, contract = found["service|organisation/capita"], found["contract|organisation/capita"]
    assert (services.count, services.label, services.services) == (2, "IT services", ("IT services",))
    assert services.spells == (days(None, "2021-03-31"),)
    assert (contract.count, contract.label, contract.services) == (1, "contract", ())
    assert contract.spells == (days("2005-01-01", "2021-03-31"),)
    assert len(found) == 18


def test_a_merged_edge_is_as_certain_as_its_least_certain_tie(network_of: NetworkOf) -> None:
    ties = [
        ("a", "x", {"certainty": "asserted", "documents": ("d1", "d2")}),
        ("a", "x", {"certainty": "speculative", "documents": ("d2",)}),
        ("a", "x", {"certainty": "reported", "documents": ("d3",)}),
    ]
    row = only_row(network_of(ties))
    assert (row.count, row.certainty, row.documents) == (3, "speculative", 3)


def test_names_of_services_and_places_are_labels_in_order_each_once(network_of: NetworkOf) -> None:
    labels = {"s#it": "IT", "s#hr": "HR\x00", "p": "Kent"}
    ties = [("a", "x", {"services": ("s#it", "s#hr"), "places": ("p", "q")}), ("a", "x", {"services": ("s#it",)})]
    row = only_row(network_of(ties, labels=labels))
    assert (row.services, row.places, row.label) == (("HR", "IT"), ("Kent", "q"), "HR, IT")


def test_money_is_summed_to_the_penny(network_of: NetworkOf) -> None:
    values = [Decimal("1234567890.12"), Decimal("0.01"), Decimal("98765432109876.54")]
    row = only_row(network_of([("a", "x", POUNDS | {"value": value}) for value in values]))
    assert row.value == Decimal("98766666677766.67")


def test_only_what_is_known_in_pounds_is_summed(network_of: NetworkOf) -> None:
    ties: list[tuple[str, str, dict[str, Any]]] = [
        ("a", "x", POUNDS | {"value": Decimal(5)}),
        ("a", "x", POUNDS),
        ("a", "x", POUNDS | {"value": Decimal(7), "currency": "EUR"}),
    ]
    assert only_row(network_of(ties)).value == 5
    assert only_row(network_of(ties[1:])).value is None
    # Nothing was paid, and that is known.
    assert only_row(network_of([("a", "x", POUNDS | {"value": Decimal(0)})])).value == 0


def test_a_shared_contract_gives_each_pair_its_part(network_of: NetworkOf) -> None:
    part = POUNDS | {"value": Decimal(100), "split": 1 / 4}
    assert [row.value for row in edge_rows(network_of([("a", "x", part), ("b", "x", part)]))] == [25, 25]


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ([], []),
        ([(None, None)], []),
        ([("2010-01-01", "2010-12-31"), (None, None)], [("2010-01-01", "2010-12-31")]),
        # One ends the day before the other begins.
        ([("2011-01-01", "2011-12-31"), ("2010-01-01", "2010-12-31")], [("2010-01-01", "2011-12-31")]),
        (
            [("2010-01-01", "2010-12-30"), ("2011-01-01", None)],
            [("2010-01-01", "2010-12-30"), ("2011-01-01", None)],
        ),
        ([("2010-01-01", "2012-12-31"), ("2011-01-01", "2011-12-31")], [("2010-01-01", "2012-12-31")]),
        ([("2010-01-01", None), ("2015-01-01", "2015-12-31")], [("2010-01-01", None)]),
        ([(None, "2010-01-01"), ("2009-01-01", None)], [(None, None)]),
        # Some registers write "no end" as the last day of the calendar.
        ([("2010-01-01", "9999-12-31"), ("2011-01-01", "2012-01-01")], [("2010-01-01", "9999-12-31")]),
        # What ends before it begins is no period.
        ([("2012-01-01", "2010-01-01")], []),
        ([("2012-01-01", "2010-01-01"), ("2011-01-01", "2011-02-01")], [("2011-01-01", "2011-02-01")]),
    ],
)
def test_spells_worked_out_by_hand(
    network_of: NetworkOf, ties: list[tuple[str | None, str | None]], expected: list[tuple[str | None, str | None]]
) -> None:
    spells = [days(*tie) for tie in ties]
    network = network_of([("a", "x", {"start": start, "end": end}) for start, end in spells] or [("a", "x", {})])
    assert only_row(network).spells == tuple(days(*spell) for spell in expected)


FIRST, LAST = date(2010, 1, 1), date(2010, 1, 14)
"""No drawn date is either: as the first or last of a run of days they stand for an open end."""
DAYS = st.none() | st.dates(FIRST + timedelta(days=1), LAST - timedelta(days=1))


@given(spells=st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=7))
def test_spells_are_the_runs_of_days_on_which_any_tie_holds(network_of: NetworkOf, spells: list[Spell]) -> None:
    calendar = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    held = {
        day
        for start, end in spells
        if (start, end) != (None, None)
        for day in calendar
        if (start or FIRST) <= day <= (end or LAST)
    }
    expected: list[list[date]] = []
    for day in calendar:
        if day in held and expected and expected[-1][1] == day - timedelta(days=1):
            expected[-1][1] = day
        elif day in held:
            expected.append([day, day])
    found = only_row(network_of([("a", "x", {"start": start, "end": end}) for start, end in spells])).spells
    assert [[start or FIRST, end or LAST] for start, end in found] == expected


@given(st.text())
def test_plain_text_is_what_an_xml_file_can_hold(text: str) -> None:
    kept = plain(text)
    assert plain(kept) == kept
    root = ET.Element("a", {"b": kept})
    assert ET.fromstring(ET.tostring(root, "utf-8")).get("b") == kept  # noqa: S314 - our own writing
    assert [sign for sign in text if sign in kept] == list(kept)


def test_plain_text_keeps_everything_but_what_xml_forbids() -> None:
    assert plain("\x00a\x08b\x0bc\x1fd\x7fe\t\n\r\ud800\ufffe\uffff😀&<>\"'é") == "abcd\x7fe\t\n\r😀&<>\"'é"
