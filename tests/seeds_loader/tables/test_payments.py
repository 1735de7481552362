"""Payments added up, rows as ranges, literals, mentions and rewritten quads: each held against a plain oracle."""

import io
import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, RdfFormat, parse

from civicgraph.graph.identity.mentions import Rank, SourceMention, mentions_text, read_mentions
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.records.statements import literal, process_node
from civicgraph.graph.records.types import Party
from civicgraph.graph.snapshot import source_files
from civicgraph.graph.snapshot.source_files import rewritten
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.guards.rules import MILLIONTHS
from civicgraph.seeds_loader.tables import guarded
from civicgraph.seeds_loader.tables.guarded import Guarded, as_columns, guarded_payments
from civicgraph.seeds_loader.tables.payments import Named, PaymentTable, row_ranges
from civicgraph.seeds_loader.tables.spending import Payments, Purchase

NOBODY = Party("")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["organisation/a", "organisation/a-b", "organisation/ab"]),
        st.sampled_from(["", "organisation/b", "organisation/c"]),
        st.dates(date(2019, 11, 1), date(2020, 2, 29)),
        st.decimals(-1000, 1000, places=4) | st.decimals(-(10**18), 10**18, places=2),
        st.sampled_from([(), ("crm",), ("crm", "it-services")]),
        st.sampled_from([None, "refund", "total"]),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_payments_add_up(given_rows: list[tuple[str, str, date, Decimal, tuple[str, ...], str | None]]) -> None:
    purchases = [Purchase(at, NOBODY, NOBODY) for at in range(len(given_rows))]
    named = [
        Named(at, buyer, supplier, "", "", "", "", "", " ".join(services), *("",) * 5, "GBP")
        for at, (buyer, supplier, _, _, services, _) in enumerate(given_rows)
    ]
    oracle: dict[tuple[object, ...], list[tuple[int, Decimal]]] = defaultdict(list)
    for at, (buyer, supplier, day, amount, services, guard) in enumerate(given_rows, 1):
        nobody = guard == "total"
        key = buyer, "" if nobody else supplier, f"{day:%Y-%m}", services if guard is None else (), guard
        oracle[key].append((at, amount))
    days = [(row[2], row[2]) for row in given_rows]
    amounts = [int(row[3] * MILLIONTHS) for row in given_rows]
    with PaymentTable("source/s", "payments") as table:
        half = len(given_rows) // 2
        for part in (slice(half), slice(half, None)):
            numbers = range(1, len(given_rows) + 1)[part]
            some = Payments(numbers, days[part], amounts[part], purchases[part])
            table.add(as_columns(some, [row[5] for row in given_rows[part]]), named[part])
        table.finish()
        found = list(table.spends())
        counted = table.counts()
    assert {(s.buyer, s.supplier, s.month, s.services, s.guard): (s.amount, s.count, s.rows) for s in found} == {
        key: (sum(amount for _, amount in rows), len(rows), row_ranges(at for at, _ in rows))
        for key, rows in oracle.items()
    }
    assert len(found) == len(oracle)
    order = [(s.buyer, s.supplier, s.month) for s in found]
    assert order == sorted(order)
    assert sum(one.rows for one in counted) == len(given_rows)
    assert sum(one.amount for one in counted) == sum(row[3] for row in given_rows)


def test_a_table_that_another_process_reads_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "ashby__2019-10.csv"
    rows = [f"2019-10-{day:02},Supplier {day % 3},{'x' if day == 9 else day * 10**18}" for day in range(1, 29)]
    table.write_text("\n".join(["Date,Supplier,Amount", *rows, ""]))
    with guarded_payments(table, None) as (head, here):
        expected = [_comparable(one) for one in here]
    monkeypatch.setattr(guarded, "_ALONE", 0)
    monkeypatch.setattr(guarded, "cores", lambda: 2)
    with guarded_payments(table, None) as (same, ahead):
        assert (same, [_comparable(one) for one in ahead]) == (head, expected)
    table.write_text('Date,Supplier,Amount\n2019-10-01,"Alpha,1\n')
    with pytest.raises(SourceFileError, match="never closed"), guarded_payments(table, None) as (_, torn):
        list(torn)


def _comparable(rows: Guarded) -> tuple[object, ...]:
    return ([column.tolist() for column in rows.columns], *rows[1:])


@given(st.sets(st.integers(1, 60)))
def test_row_ranges_name_each_row_once(rows: set[int]) -> None:
    ends = [part.partition("-") for part in row_ranges(rows).split()]
    named = list(chain.from_iterable(range(int(first), int(last or first) + 1) for first, _, last in ends))
    assert named == sorted(rows)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_literal_is_read_as_it_was(text: str) -> None:
    line = f"<http://e/s> <http://e/p> {literal(text)} <http://e/g> .\n"
    assert line.count("\n") == 1
    (quad,) = parse(line, RdfFormat.N_QUADS)
    assert isinstance(quad.object, Literal)
    assert quad.object.value == text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(min_size=1))
def test_any_ocid_makes_an_iri_of_its_own(ocid: str, other: str) -> None:
    (quad,) = parse(f"{process_node(ocid)} <http://e/p> 'x' <http://e/g> .".replace("'", '"'), RdfFormat.N_QUADS)
    assert str(quad.subject) == process_node(ocid)
    assert (process_node(ocid) == process_node(other)) == (ocid == other)


KEYS = [f"organisation/{slug}" for slug in ("a", "ab", "a-b", "b", "gb-coh-00000001")]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(KEYS),
            st.sampled_from(["a", f"<{BASE}organisation/", f"<{BASE}organisation/Not a key>", "ü" * 9]),
        ),
        max_size=30,
    ),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["organisation/z", "organisation/a-much-longer-key"])),
    st.integers(1, 90),
)
def test_quads_are_rewritten_as_text_would_be(
    lines: list[tuple[str, str]], canonical: dict[str, str], chunk: int
) -> None:
    text = "".join(f'<{BASE}{key}> <http://e/p> "{words}" <{BASE}{key}> .\n' for key, words in lines)
    expected = text
    for key, decided in canonical.items():
        expected = expected.replace(f"<{BASE}{key}>", f"<{BASE}{decided}>".replace("organisation", "\0"))
    expected = expected.replace("\0", "organisation")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source_files, "_CHUNK", chunk)
        parts = list(rewritten(io.BytesIO(text.encode()), canonical))
    assert b"".join(parts).decode() == expected
    assert all(one.endswith(b"\n") for one in parts)


MENTIONS = st.builds(
    SourceMention,
    st.sampled_from(KEYS),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(Rank),
    st.lists(st.sampled_from(["GB-COH-00000001", "GB-LAE-LDS"]), max_size=2).map(tuple),
    st.sampled_from(["Company", "Organisation"]),
    st.integers(1, 10**6),
    st.booleans(),
)


@given(st.lists(MENTIONS, max_size=8), st.randoms())
def test_mentions_are_read_as_they_were_whatever_their_order(
    mentions: list[SourceMention], chance: random.Random
) -> None:
    text = mentions_text(mentions)
    read = list(read_mentions(io.BytesIO(text)))
    assert sorted(read, key=repr) == sorted(mentions, key=repr)
    shuffled = list(mentions)
    chance.shuffle(shuffled)
    assert mentions_text(shuffled) == text
