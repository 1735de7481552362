"""Loads on a server: readers see one version or the other, a broken load shows nothing."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.remote.folder import RemoteFolder
from civicgraph.graph.snapshot.snapshot import DataFolder, DataFolderError
from civicgraph.seeds_loader.load import load_rdf, unload
from civicgraph.seeds_loader.load_records import load_spend

Remote = Callable[..., RemoteFolder]
HEAD = "Body Name,Date,Supplier Name,Amount\n"
ROWS = [
    f"Leeds City Council,{day:02}/10/2019,{name},{day * 100}.50\n"
    for day in range(1, 25)
    for name in ("Alpha Ltd", "Beta plc")
]


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path]:
    """Write two tables of payments; the second names a supplier that makes one of the first's another organisation."""
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text(HEAD + "".join(ROWS), encoding="utf-8")
    two.write_text(HEAD + "Leeds City Council,30/11/2019,ALPHA LIMITED,70.00\n", encoding="utf-8")
    return one, two


@pytest.fixture
def stated(tmp_path: Path) -> Path:
    path = tmp_path / "stated.ttl"
    path.write_text(
        "@prefix : <https://w3id.org/civicgraph/id/organisation/> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        ':gamma a <https://w3id.org/civicgraph/ontology#Company> ; rdfs:label "Gamma \\u003c<é>\\n" .\n',
        encoding="utf-8",
    )
    return path


def trig(folder: DataFolder) -> tuple[str, int, bytes]:
    out = io.BytesIO()
    with folder.open() as snapshot:
        write_trig(snapshot.engine.quads(), out)
        return snapshot.manifest.version, snapshot.manifest.quads, out.getvalue()


def test_every_step_is_as_it_is_embedded(
    remote: Remote, tables: tuple[Path, Path], stated: Path, tmp_path: Path
) -> None:
    embedded, folder = DataFolder(tmp_path / "embedded"), remote()
    steps: list[Callable[[DataFolder], object]] = [
        lambda to: load_spend(to, tables[:1]),
        lambda to: load_rdf(to, [stated]),
        lambda to: load_spend(to, tables[1:]),
        lambda to: unload(to, "stated"),
        lambda to: load_rdf(to, [stated]),
        lambda to: unload(to, "one"),
    ]
    for number, step in enumerate(steps):
        step(embedded)
        step(folder)
        assert trig(folder) == trig(embedded), number


def test_undo_serves_the_version_before(remote: Remote, tables: tuple[Path, Path]) -> None:
    folder = remote()
    load_spend(folder, tables[:1])
    first = trig(folder)
    load_spend(folder, tables[1:])
    second = trig(folder)
    assert folder.undo().version == first[0]
    assert trig(folder) == first
    folder.undo()
    assert trig(folder) == second
    unload(folder, "two")
    assert trig(folder) == first


def test_undo_of_a_first_load_is_refused(remote: Remote, tables: tuple[Path, Path]) -> None:
    folder = remote()
    load_spend(folder, tables[:1])
    with pytest.raises(DataFolderError, match="no version before"):
        folder.undo()


@pytest.mark.parametrize("broken", ["insert", "update"])
def test_a_broken_load_shows_nothing_and_the_next_makes_up_for_it(
    broken: str,
    remote: Remote,
    tables: tuple[Path, Path],
    stated: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder, embedded = remote(), DataFolder(tmp_path / "embedded")
    load_rdf(folder, [stated])
    load_spend(folder, tables[:1])
    before = trig(folder)
    with monkeypatch.context() as patch:
        patch.setattr(Connection, broken, _cut)
        with pytest.raises(RemoteError, match="the wire was cut"):
            load_spend(folder, tables[1:])
    assert trig(folder) == before
    load_spend(folder, tables)
    load_rdf(embedded, [stated])
    load_spend(embedded, tables)
    assert trig(folder) == trig(embedded)


def _cut(*_: object) -> None:
    raise RemoteError("the wire was cut", "mend it")


def test_one_load_at_a_time_into_a_folder(remote: Remote, tables: tuple[Path, Path]) -> None:
    folder = remote("one-writer")
    load_spend(folder, tables[:1])
    with (
        folder.writing(),
        pytest.raises(BusyError, match="another load is writing to"),
        remote("one-writer").writing(),
    ):
        pass


def test_loads_in_quick_succession_do_not_wait(remote: Remote, tables: tuple[Path, Path], stated: Path) -> None:
    folder = remote()
    told: list[str] = []
    load_spend(folder, tables[:1], progress=told.append)
    load_rdf(folder, [stated], progress=told.append)
    load_spend(folder, tables[1:], progress=told.append)
    unload(folder, "stated", progress=told.append)
    assert not [one for one in told if "wait" in one]
    state = folder.catalogue.read()
    assert state is not None
    assert len(state.slots) == 3  # the current one, and the two that were there when its load began


def test_another_data_folder_reads_but_does_not_load(remote: Remote, tables: tuple[Path, Path]) -> None:
    folder, other = remote("two-folders"), remote("two-folders", "elsewhere")
    load_spend(folder, tables[:1])
    assert trig(other) == trig(folder)
    with pytest.raises(DataFolderError, match="was loaded from another data folder"):
        load_spend(other, tables[1:])
    load_spend(folder, tables[1:])
    assert trig(other) == trig(folder)


def test_a_reader_whose_version_goes_is_told(remote: Remote, tables: tuple[Path, Path]) -> None:
    folder = remote()
    load_spend(folder, tables[:1])
    reading = folder.open()
    reading.__enter__()
    load_spend(folder, tables[1:])
    unload(folder, "one")
    load_spend(folder, tables[:1])
    with pytest.raises(RemoteError, match="replaced while it was being read"):
        reading.__exit__(None, None, None)


def test_a_version_stays_while_two_loads_go_by(remote: Remote, tables: tuple[Path, Path]) -> None:
    folder = remote()
    load_spend(folder, tables[:1])
    before = trig(folder)
    with folder.open() as snapshot:
        load_spend(folder, tables[1:])
        unload(folder, "one")
        out = io.BytesIO()
        write_trig(snapshot.engine.quads(), out)
    assert out.getvalue() == before[2]


def test_a_catalogue_of_another_version_says_what_to_do(remote: Remote, tables: tuple[Path, Path]) -> None:
    folder = remote()
    load_spend(folder, tables[:1])
    said = "?node <https://w3id.org/civicgraph/catalogue#slot>"
    old, new = (f"GRAPH <{folder.catalogue.graph}> {{ {said} {value} }}" for value in ("?old", "'[7]'"))
    folder.connection.update(f"DELETE {{ {old} }} INSERT {{ {new} }} WHERE {{ {old} }}")
    with pytest.raises(RemoteError, match=r"another version of civicgraph; load the sources again, under another name"):
        folder.manifest()


def test_an_empty_server_holds_no_data(remote: Remote) -> None:
    folder = remote()
    assert folder.manifest() is None
    with pytest.raises(DataFolderError, match="holds no data"), folder.open():
        pass
