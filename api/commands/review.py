"""review: the pairs of organisations, and of contracts, that may be one, for a person to judge."""

from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from civicgraph.api.commands.common import UsageError, existing, note, progress, say
from civicgraph.api.settings import Place
from civicgraph.graph.identity.candidates import Candidate
from civicgraph.graph.identity.contracts import PAYMENTS
from civicgraph.graph.identity.judgements import Judgement, without, written
from civicgraph.graph.snapshot.derive import decide_contracts
from civicgraph.graph.snapshot.reviewing import Review, untied_payments
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.graph.snapshot.writer import JUDGEMENTS

Sides = tuple[str, str] | None
_ANSWERS: Final = "[y]es, [n]o, [a]ll of this kind with one of the two are, [s]kip, [q]uit"


def review(
    *,
    listing: Annotated[bool, typer.Option("--list", help="Only list the pairs.")] = False,
    joined: Annotated[
        str | None, typer.Option(metavar="TEXT", help="List what was joined, and why, where a name has this text.")
    ] = None,
    same: Annotated[Sides, typer.Option(metavar="A B", help="Judge two names to be one organisation.")] = None,
    different: Annotated[Sides, typer.Option(metavar="A B", help="Judge two names to be two.")] = None,
    undo: Annotated[Sides, typer.Option(metavar="A B", help="Take back what was judged of two.")] = None,
    by: Annotated[str, typer.Option(help="Who judges.")] = "",
    place: Place,
) -> None:
    """Judge the doubtful pairs of organisations, contracts, and payments under them; each is applied at once."""
    folder = existing(place)
    if undo is not None:
        _undo(folder, undo)
        return
    if same is not None or different is not None:
        judged = [(is_same, sides) for is_same, sides in ((True, same), (False, different)) if sides is not None]
        for is_same, sides in judged:
            _keep(folder, sides, by, is_same=is_same)
        _apply(folder)
        found = Review(folder)
        _note_void(found)
        for side in (side for _, sides in judged for side in sides if not found.knows(side)):
            note(f"nothing that is loaded is called {side!r}; the judgement is kept for when it is")
        return
    found = Review(folder)
    _note_void(found)
    if joined is not None:
        joins = found.joins(joined)
        for merge, one, other in joins:
            say(f"{merge.reason}  {one} | {other}")
        note(f"{len(joins)} joins; civicgraph review --different A B undoes one")
        return
    judgements = folder.judgements()
    contracts = decide_contracts(folder.kept_sources(), found.resolution, judgements)
    with folder.edges() as table:
        doubtful = (*found.resolution.doubtful, *contracts.doubtful, *untied_payments(table, judgements))
    if listing:
        for pair in doubtful:
            say(_shown(found, pair))
        note(f"{len(doubtful)} doubtful pairs")
    else:
        _judge(folder, found, doubtful, by)


def _judge(folder: DataFolder, found: Review, doubtful: tuple[Candidate, ...], by: str) -> None:
    judged = 0
    alike: set[tuple[str, str]] = set()
    for number, pair in enumerate(doubtful, 1):
        sides = {(pair.kind, pair.left), (pair.kind, pair.right)}
        if sides.isdisjoint(alike):
            say(f"{number} of {len(doubtful)}: {_shown(found, pair)}")
            what = "paid under it?" if pair.right.startswith(PAYMENTS) else f"one {pair.left.partition('/')[0]}?"
            answer = typer.prompt(f"{what} {_ANSWERS}", default="s").strip().lower()[:1]
        else:
            answer = "y"
        if answer == "q":
            break
        if answer not in ("y", "a", "n"):
            continue
        if answer == "a":
            # Of a card's references there may be hundreds.
            alike |= sides
        _keep(folder, (pair.left, pair.right), by, is_same=answer != "n")
        judged += 1
    if judged:
        _apply(folder)
    note(f"{judged} pairs judged, {len(doubtful) - judged} left; kept in {folder.path / JUDGEMENTS}")


def _shown(found: Review, pair: Candidate) -> str:
    if not pair.left.startswith("organisation/"):
        return f"{pair.score:.0%}  {pair.kind}  {pair.names[0]} | {pair.names[1]}"
    sides = found.known(pair.left), found.known(pair.right)
    names = (known.name or name for known, name in zip(sides, pair.names, strict=True))
    return f"{pair.score:.0%}  {pair.kind}  {' | '.join(names)}\n      {sides[0]}\n      {sides[1]}"


def _note_void(found: Review) -> None:
    for refused in found.resolution.refused:
        if refused.reason.startswith("judgement"):
            note(f"not followed, {refused.reason}: {refused.left} and {refused.right}: {refused.evidence}")


def _keep(folder: DataFolder, sides: tuple[str, str], by: str, *, is_same: bool) -> None:
    verdict = Judgement(is_same, *sides, by=by, date=datetime.now(UTC).date())
    with (folder.path / JUDGEMENTS).open("a", encoding="utf-8") as out:
        out.write(written(verdict))


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
    with progress("applying") as step, folder.writing() as writer:
        writer.publish(step)
