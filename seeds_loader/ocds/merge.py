"""Several releases of one process to the state that they add up to, by the standard's merge rules."""

import warnings
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter

import ocdsmerge  # type: ignore[import-untyped] # it has no types
import ocdsmerge.exceptions  # type: ignore[import-untyped] # it has no types

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.ocds.fields import Object, identifier, mappings
from civicgraph.seeds_loader.ocds.releases import Found
from civicgraph.seeds_loader.text import clean_text
from civicgraph.seeds_loader.yaml_lines import own_yaml

SUPERSEDED = "superseded"
"""The status of an award that a later release corrected under another id: none of the standard's own."""


def compiled(file: str, releases: Sequence[Found]) -> Iterator[Found | Rejection]:
    """Yield what the releases of one process add up to, and a rejection for each that has no place in their order.

    Where the publisher compiled them already, its latest compiled release stands for all before it.
    """
    instants = [(_instant(found), found) for found in releases]
    dated = [(at, found) for at, found in instants if at is not None]
    for at, found in instants:
        if at is None:
            reason = "no date, and other releases of this process" if dated else "none of its releases has a date"
            remedy = "give the day of the release" if dated else "the last is taken; give the day of each"
            yield Rejection(file, found.line, "date", reason, remedy, _record(found), partial=not dated)
    if not dated:
        yield releases[-1]
        return
    dated.sort(key=itemgetter(0))
    ready = [at for at, found in dated if found.release.get("tag") in (["compiled"], "compiled")]
    used = [found for at, found in dated if not ready or at >= ready[-1]]
    last = used[-1]
    if len(used) == 1:
        yield last
        return
    try:
        state = _merged(dated[-len(used) :])
    except (ocdsmerge.exceptions.OCDSMergeError, RecursionError, TypeError, AttributeError, KeyError) as error:
        # The library does not foresee every object in the place of a list.
        for found in used:
            reason = f"cannot be merged with the other releases: {' '.join(str(error).split())[:160]}"
            yield Rejection(file, found.line, "release", reason, "correct the release", _record(found))
        return
    _mark_superseded(mappings(state.get("awards")), mappings(last.release.get("awards")))
    yield last._replace(release={**state, "id": last.release.get("id"), "date": last.release.get("date")})


def with_own_ids(release: Object) -> tuple[Object, tuple[str, ...]]:
    """Return a release each of whose awards has an id of its own, and the ids that several awards had.

    The same award given twice stays once. Of different awards with one id, the second is `ID#2`: publishers give the id
    of the notice, or of the lot, to each award of it.
    """
    awards = mappings(release.get("awards"))
    keys = [identifier(award.get("id")) for award in awards]
    if len(set(keys)) == len(keys):
        return release, ()
    met: dict[str, list[Object]] = {}
    kept = []
    for key, award in zip(keys, awards, strict=True):
        same = met.setdefault(key, [])
        if award in same and key:
            continue
        same.append(award)
        kept.append(award if len(same) == 1 or not key else {**award, "id": f"{key}#{len(same)}"})
    several = tuple(key for key, same in met.items() if len(same) > 1 and key)
    return {**release, "awards": kept}, several


def _mark_superseded(awards: Sequence[Object], latest: Sequence[Object]) -> None:
    """Mark the awards that the latest release gives anew under another id, as some publishers correct them.

    Such an award is not among those of the latest release, and one of these has its day of award, its period and one of
    its suppliers. The standard would have it keep its id, so its merge rules keep both.
    """
    ids = {identifier(award.get("id")) for award in latest}
    for award in awards:
        told = award.get("date"), award.get("contractPeriod")
        same = [other for other in latest if (other.get("date"), other.get("contractPeriod")) == told]
        others = {name for other in same for name in _suppliers(other)}
        if identifier(award.get("id")) not in ids and all(told) and not _suppliers(award).isdisjoint(others):
            award["status"] = SUPERSEDED  # type: ignore[index] # the library made it, and it is nobody else's


def _suppliers(award: Object) -> set[str]:
    return {clean_text(one.get("name")).casefold() for one in mappings(award.get("suppliers")) if one.get("name")}


def _merged(dated: Sequence[tuple[datetime, Found]]) -> Object:
    # The library orders dates as text, which offsets from UTC defeat.
    releases = [{**with_own_ids(found.release)[0], "date": at.isoformat()} for at, found in dated]
    with warnings.catch_warnings():
        # Two members of one list with one id are one, as the standard has it; awards have their own by now.
        warnings.simplefilter("ignore", ocdsmerge.exceptions.DuplicateIdValueWarning)
        state: Object = _merger().create_compiled_release(releases)
    return state


def _instant(found: Found) -> datetime | None:
    text = found.release.get("date")
    try:
        at = datetime.fromisoformat(text.strip() if isinstance(text, str) else "")
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _record(found: Found) -> str:
    return f"{found.ocid} {found.release.get('id') or ''}".strip()


@cache
def _merger() -> ocdsmerge.Merger:
    listed = own_yaml("ocds/merge_rules.yaml")
    rules = {tuple(path.split("/")): rule for rule, paths in listed.items() for path in paths}
    return ocdsmerge.Merger(merge_rules=rules)
