"""load, documents, sources, unload, undo, optimize: what is in the data folder."""

import gc
import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from civicgraph.api.commands.common import OUT, UsageError, existing, note, print_table, progress
from civicgraph.api.settings import Folder, Place
from civicgraph.api.stores import folder_at
from civicgraph.seeds_loader import reader

if TYPE_CHECKING:
    from civicgraph.graph.records.types import Rejection
    from civicgraph.seeds_loader.load import LoadResult


Kind = Literal["claims", "ocds", "spend", "contracts", "authorities", "organisations", "cpv", "ownership", "rdf"]
"""What a source is."""
_TABLES: Final = ("spend", "contracts")
"""Kinds that come as tables, whose headers can be mapped."""
_EXAMPLES: Final = 20
_EXAMPLES_EACH: Final = 5
_FIELDS: Final = 6


def load(  # noqa: PLR0913 - each is an option of the command
    kind: Annotated[Kind, typer.Argument(help="What the files are.")],
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of claims files.")],
    *,
    source: Annotated[str | None, typer.Option(help="The id of the source; else the name of the file.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="How a table's headers are to be read.")] = None,
    propose_mapping: Annotated[
        Path | None, typer.Option(help="Write to this file how the headers may be read, and load nothing.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Load also what is loaded under another name, or replaces another file.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="Write the counts to this file as JSON.")] = None,
    place: Place,
) -> None:
    """Add sources; a source of the same id is replaced. Exit 0 if anything loaded, 1 if nothing, 2 for misuse."""
    if mapping is not None and kind not in _TABLES:
        raise UsageError(f"--mapping means nothing for {kind}", "leave it out")
    if propose_mapping is not None:
        _propose(kind, paths, propose_mapping)
        return
    # A load makes millions of objects that stay, and next to no cycles: to look through them for some, again and again
    # as they grow in number, takes seconds.
    gc.set_threshold(100_000, 50, 100)
    read = reader(kind) if mapping is None else partial(reader(kind), mapping=mapping)
    with progress("loading") as step:
        result = read(folder_at(place), paths, source, step, again=again)
    if kind == "spend" and result.manifest is not None:
        with existing(place).edges() as table:
            result.report.add_transfers(table.transferred(result.sources))
    _tell(result, report)
    if result.report.loaded == 0:
        raise typer.Exit(1)


def _propose(kind: Kind, paths: Sequence[Path], file: Path) -> None:
    from civicgraph.seeds_loader.tables.mappings import propose_mapping  # noqa: PLC0415 - all readers take a second

    if kind not in _TABLES or len(paths) != 1:
        raise UsageError("--propose-mapping is for one table of spend or contracts", "name one")
    text = propose_mapping(paths[0], "spending" if kind == "spend" else "contracts")
    file.write_text(text, encoding="utf-8")
    note(f"{file} says what is known of the headers; complete it and give it as --mapping {file}")


def documents(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of articles; they stay where they are.")],
    *,
    register: Folder,
) -> None:
    """Make articles available for quoting: they are known by digest and read in place."""
    from civicgraph.seeds_loader.claims.documents import Documents  # noqa: PLC0415

    note(f"{Documents(register.path).add_folder(folder)} documents are at hand now")


def sources(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with the whole load report.")] = False,
    place: Place,
) -> None:
    """Show what is loaded, with the counts of each load."""
    folder = existing(place)
    manifest = folder.manifest()
    loaded = () if manifest is None else manifest.sources
    if as_json:
        listed = [
            {"id": one.id, "kind": one.kind, "label": one.label, "digest": one.digest}
            | {name: value for name, value in one.report.items() if name != "content"}
            for one in loaded
        ]
        OUT.print_json(json.dumps(listed, ensure_ascii=False))
        return
    rows = []
    for one in loaded:
        guarded, rejected = (sum(one.report.get(name, {}).values()) for name in ("guarded", "rejected"))
        counts = (one.report.get("read", 0), one.report.get("loaded", 0), guarded, rejected)
        rows.append([f"{one.id}\n{one.label}", one.kind, *(f"{count:,}" for count in counts)])
    headings = ("id", "kind", "read", "loaded", "guarded", "rejected")
    print_table("", dict(zip(headings, headings, strict=True)), rows, ("id", "kind"))


def unload(
    source: Annotated[str, typer.Argument(metavar="ID", help="The source's id, as `civicgraph sources` shows it.")],
    *,
    place: Place,
) -> None:
    """Take a source out; the graph is then as if it had never been loaded."""
    from civicgraph.seeds_loader.load import unload as unload_source  # noqa: PLC0415

    folder = existing(place)
    try:
        with progress("unloading") as step:
            manifest = unload_source(folder, source, step)
    except KeyError as error:
        loaded = folder.manifest()
        known = ", ".join(one.id for one in loaded.sources) if loaded else ""
        raise UsageError(f"no source is called {source!r}", f"loaded are: {known or 'none'}") from error
    note(f"{source} is unloaded; {len(manifest.sources)} sources remain")


def _tell(result: "LoadResult", report_file: Path | None) -> None:
    report = result.report
    for error in result.unreadable:
        note(f"not read: {error}")
    _tell_faults("rejected", report.rejections, report.rejected)
    _tell_faults("warning", report.warnings, report.warned)
    counts = f"read {report.read}, loaded {report.loaded}, guarded {report.guarded.total()}"
    note(f"{counts}, rejected {report.rejected.total()}")
    for line in report.told():
        note(f"  {line}")
    if report.rejects_file is not None:
        note(f"rejected records with their reasons: {report.rejects_file}")
    for table in report.tables:
        note(f"the same as a table, to be corrected and loaded again: {table}")
    if report_file is not None:
        report_file.write_text(json.dumps(report.as_json(), indent=1) + "\n", encoding="utf-8")


def _tell_faults(what: str, faults: Sequence["Rejection"], counts: Counter[str]) -> None:
    """Tell a few faults of each kind, so that many of one kind hide no other, and how many there are of each."""
    met: Counter[tuple[str, str]] = Counter()
    told = 0
    for fault in faults:
        kind = fault.file, fault.field
        met[kind] += 1
        if met[kind] <= _EXAMPLES_EACH and told < _EXAMPLES:
            note(f"{what}: {fault}")
            told += 1
    if (more := counts.total() - told) > 0:
        fields = ", ".join(f"{count:,} {field}" for field, count in counts.most_common(_FIELDS))
        note(f"{what}: ... and {more:,} more; most often {fields}")


def undo(*, place: Place) -> None:
    """Serve the version before the last load again, on a SPARQL server."""
    from civicgraph.graph.snapshot.remote.folder import RemoteFolder  # noqa: PLC0415 - most commands ask no server

    folder = existing(place)
    if not isinstance(folder, RemoteFolder):
        raise UsageError("a data folder keeps one snapshot", "unload the source, or load it again as it was")
    note(f"version {folder.undo().version} is served again")


def optimize(*, place: Place) -> None:
    """Put the files of the data folder in order, after which queries of much data are several times as fast."""
    from civicgraph.graph.snapshot.remote.folder import RemoteFolder  # noqa: PLC0415 - most commands ask no server

    folder = existing(place)
    if isinstance(folder, RemoteFolder):
        raise UsageError("a SPARQL server keeps its own files", "see its documentation for how to put them in order")
    with folder.writing() as writer, progress("optimizing"):
        writer.optimize()
    note("the files are in order: who opens the folder from now on has them so")
