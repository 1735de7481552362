"""Sources loaded in a thread of their own, while something else is done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from civicgraph.graph.records.iris import BASE
from civicgraph.graph.snapshot import filling as graph_filling
from civicgraph.graph.snapshot.filling import filling
from civicgraph.graph.snapshot.source_files import InMemory


def line(number: int) -> str:
    return f'<{BASE}organisation/n{number}> <http://x.org/p> "{number}" <http://x.org/g> .\n'


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=4))
def test_all_is_loaded_and_keys_are_those_decided(numbers: list[list[int]]) -> None:
    store, sources = Store(), [InMemory("".join(map(line, some)).encode()) for some in numbers]
    with filling(store, sources, {"organisation/n3": "organisation/n30"}):
        pass
    expected = {(f"{BASE}organisation/n{'30' if n == 3 else n}", str(n)) for some in numbers for n in some}
    assert {(quad.subject.value, quad.object.value) for quad in store} == expected


def test_what_is_no_quad_ends_it_with_what_the_engine_says() -> None:
    # More than a pipe holds: who feeds it must not wait for an engine that has given up.
    broken = InMemory(b"no quad\n" * 100_000)
    with pytest.raises(SyntaxError, match="line 2"), filling(Store(), [InMemory(line(1).encode()), broken], {}):
        pass


def test_a_failure_meanwhile_leaves_the_rest_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_filling, "_PART", 1 << 16)
    # Endless for this test: it ends because nothing more is wanted.
    many = (InMemory("".join(map(line, range(at, at + 1000))).encode()) for at in range(0, 10**9, 1000))
    with pytest.raises(KeyError), filling(Store(), many, {}):
        raise KeyError
