"""Payments added up, rows as ranges, literals, mentions and rewritten quads: each held against a plain oracle."""

import csv
import io
import random
import tempfile
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import chain, pairwise
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, RdfFormat, parse

from civicgraph.graph.identity.mentions import Rank, SourceMention, mentions_text, read_mentions
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.records.statements import literal, process_node
from civicgraph.graph.snapshot import source_files
from civicgraph.graph.snapshot.source_files import rewritten
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.tables.payments import PaymentTable
from civicgraph.seeds_loader.tables.spending import open_spending
from civicgraph.seeds_loader.text import clean_text
from tests.seeds_loader.tables.spending_rows import Row, read_spending

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Ashby", "Bixby", "ASHBY"]),
        st.sampled_from(["", "Alpha Ltd", "Beta Ltd", "Alpha Ltd "]),
        st.dates(date(2019, 11, 1), date(2020, 2, 29)),
        st.decimals(-1000, 1000, places=4) | st.decimals(-(10**14), 10**14, places=2),
        st.sampled_from(["", "CRM system", "Widgets"]),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_payments_add_up(given_rows: list[tuple[str, str, date, Decimal, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([("Body Name", "Supplier", "Date", "Amount", "Description"), *given_rows])
        with PaymentTable(open_spending(path), "source/s") as table:
            for _ in table.read():
                pass
            table.finish()
            found, counted = list(table.spends()), table.counts()
            rows = (
                duckdb.connect()
                .execute(
                    "SELECT file_row, record, buyers, coalesce(suppliers, ''), strftime(first, '%Y-%m'), guard,"
                    " coalesce(services, ''), value, payer, coalesce(payee, '')"
                    " FROM read_parquet($path) ORDER BY file_row",
                    {"path": str(table.rows())},
                )
                .fetchall()
            )
            assert list(table.rejected()) == []
    assert [(amount, payer) for *_, amount, payer, _ in rows] == [(row[3], row[0]) for row in given_rows]
    assert all(payee in (row[1].strip(), "") for (*_, payee), row in zip(rows, given_rows, strict=True))
    oracle: dict[tuple[object, ...], list[tuple[int, Decimal]]] = defaultdict(list)
    for number, record, buyer, supplier, month, guard, services, amount, *_ in rows:
        oracle[record, buyer, supplier, month, guard, services].append((number, amount))
    assert {
        (s.key, s.buyer, s.supplier, s.month, s.guard, " ".join(s.services)): (s.amount, s.count, rows_named(s.rows))
        for s in found
    } == {key: (sum(amount for _, amount in some), len(some), [at for at, _ in some]) for key, some in oracle.items()}
    by_month: dict[str, Decimal] = defaultdict(Decimal)
    for _, _, day, amount, _ in given_rows:
        by_month[f"{day:%Y-%m}"] += amount
    assert {month: sum(s.amount for s in found if s.month == month) for month in by_month} == by_month
    order = [(s.buyer, s.supplier, s.month) for s in found]
    assert order == sorted(order)
    assert sum(count for *_, count, _, _ in counted) == len(given_rows)
    assert sum(amount for *_, amount, _ in counted) == sum(row[3] for row in given_rows)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12), min_size=1, max_size=6
    )
)
def test_whatever_stands_in_a_cell_is_read_as_text(texts: list[str]) -> None:
    texts = ["text " * 2_000, *texts]  # so that control characters are rare, as in no file that is binary
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ashby__2019-10.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = (("2019-10-01", "Alpha Ltd", at, text) for at, text in enumerate(texts, 1))
            csv.writer(file).writerows([("Date", "Supplier", "Amount", "Description"), *rows])
        found = read_spending(path)
    assert [row.what for row in found if isinstance(row, Row)] == [clean_text(text) for text in texts]


def test_a_torn_table_is_refused_as_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ashby__2019-10.csv"
    path.write_text('Date,Supplier,Amount\n2019-10-01,"Alpha,1\n')
    with pytest.raises(SourceFileError, match="never closed"):
        read_spending(path)


def rows_named(ranges: str) -> list[int]:
    """Return the rows that ranges name, of which none goes on where another ends."""
    ends = [(int(first), int(last or first)) for first, _, last in (part.partition("-") for part in ranges.split())]
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(ends))
    return list(chain.from_iterable(range(first, last + 1) for first, last in ends))


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
