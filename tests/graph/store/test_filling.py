"""Sources loaded in a thread of their own, while something else is done."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Store

from civicgraph.graph.records.iris import BASE
from civicgraph.graph.snapshot import filling as graph_filling
from civicgraph.graph.snapshot.filling import filling
from tests.graph.in_memory import source_files


def line(number: int) -> str:
    return f'<{BASE}organisation/n{number}> <http://x.org/p> "{number}" <http://x.org/g> .\n'


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=4))
def test_all_is_loaded_and_keys_are_those_decided(numbers: list[list[int]]) -> None:
    store = Store()
    with TemporaryDirectory() as made:
        sources = [source_files(Path(made), "".join(map(line, some)).encode()) for some in numbers]
        with filling(store, sources, {"organisation/n3": "organisation/n30"}):
            pass
    expected = {(f"{BASE}organisation/n{'30' if n == 3 else n}", str(n)) for some in numbers for n in some}
    assert {(quad.subject.value, quad.object.value) for quad in store} == expected


def test_what_is_no_quad_ends_it_with_what_the_engine_says(tmp_path: Path) -> None:
    # More than a pipe holds: who feeds it must not wait for an engine that has given up.
    sources = [source_files(tmp_path, text) for text in (line(1).encode(), b"no quad\n" * 100_000)]
    with pytest.raises(SyntaxError, match="line 2"), filling(Store(), sources, {}):
        pass


def test_a_failure_meanwhile_leaves_the_rest_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(graph_filling, "_PART", 1 << 16)
    # Endless for this test: it ends because nothing more is wanted.
    many = (source_files(tmp_path, "".join(map(line, range(at, at + 1000))).encode()) for at in range(0, 10**9, 1000))
    with pytest.raises(KeyError), filling(Store(), many, {}):
        raise KeyError
