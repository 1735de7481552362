"""review: the pairs of organisations that may be one, for a person to judge."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from civicgraph.api.commands.common import DEFAULT_FOLDER, ERR, DataOption, UsageError, existing, note, say
from civicgraph.graph.identity.candidates import Candidate
from civicgraph.graph.identity.judgements import Judgement, conflicts, without, written
from civicgraph.graph.snapshot.identities import decide
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.graph.snapshot.writer import JUDGEMENTS


def review(
    *,
    listing: Annotated[bool, typer.Option("--list", help="Only list the pairs.")] = False,
    undo: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="Take back what was judged of two organisations.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who judges.")] = "",
    data: DataOption = DEFAULT_FOLDER,
) -> None:
    """Judge the doubtful pairs of organisations, the surest first; the judgements are kept and applied at once."""
    folder = existing(data)
    if undo is not None:
        _undo(folder, undo)
        return
    judgements = folder.judgements()
    for conflict in conflicts(judgements):
        note(f"conflict: {conflict}")
    mentions = [mention for source in folder.kept_sources() for mention in source.mentions()]
    doubtful = decide(mentions, judgements).doubtful
    if listing:
        for pair in doubtful:
            say(f"{pair.score:.0%}  {pair.kind}  {pair.names[0]} | {pair.names[1]}")
        note(f"{len(doubtful)} doubtful pairs")
        return
    judged = _ask(doubtful, folder.path / JUDGEMENTS, by)
    if judged:
        _apply(folder)
    note(f"{judged} pairs judged, {len(doubtful) - judged} left; kept in {folder.path / JUDGEMENTS}")


def _ask(doubtful: tuple[Candidate, ...], file: Path, by: str) -> int:
    judged = 0
    for number, pair in enumerate(doubtful, 1):
        say(f"{number} of {len(doubtful)}: {pair.names[0]} | {pair.names[1]}   ({pair.kind})")
        answer = typer.prompt("one organisation? [y]es, [n]o, [s]kip, [q]uit", default="s").strip().lower()
        if answer.startswith("q"):
            break
        if answer[:1] not in ("y", "n"):
            continue
        verdict = Judgement(answer.startswith("y"), pair.left, pair.right, by=by, date=datetime.now(UTC).date())
        with file.open("a", encoding="utf-8") as out:
            out.write(written(verdict))
        judged += 1
    return judged


def _undo(folder: DataFolder, sides: tuple[str, str]) -> None:
    file = folder.path / JUDGEMENTS
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    after = without(before, *sides)
    if after == before:
        raise UsageError(f"nothing was judged of {sides[0]!r} and {sides[1]!r}", f"see {file}")
    partial = file.with_suffix(".partial")
    partial.write_text(after, encoding="utf-8")
    partial.rename(file)
    _apply(folder)
    note("taken back")


def _apply(folder: DataFolder) -> None:
    with ERR.status("applying") as status, folder.writing() as writer:
        writer.publish(lambda step: status.update(escape(step)))
