"""The group that an organisation is in on a day: who owns it, what it owns, and who says so."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query, query_about
from civicgraph.api.pages.claims import ClaimLine, claim_lines
from civicgraph.api.pages.ties import labels_of
from civicgraph.api.pages.values import Node, node_of, text_of
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.graph.identity.ownership import Undecided, group_at
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.claims.documents import Documents

_WHY: Final = {
    "joint": "no one of its owners is said to decide alone",
    "circle": "ownership leads back to where it began",
    "at odds": "two are each said to decide alone",
}


@dataclass(frozen=True, slots=True)
class Owning:
    """An ownership between an organisation and `other`: whether it holds on the day, and the claims that say so.

    `start` and `end` are dates as the documents give them, `known_by` the day by which it had begun where they give
    none. `ground` is the event or source that it follows from; of one from a file, `record` is the row, and `said` whom
    that row names as its source.
    """

    iri: str
    other: Node
    share: Decimal | None
    controls: bool | None
    start: str
    known_by: str
    end: str
    holds: bool
    ground: Node | None
    record: str
    said: str
    claims: tuple[ClaimLine, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The group of an organisation on a day: `top` is its topmost owner, None where it is in no group.

    `members` are all others in the group; `undecided` says why it has owners and is in the group of none.
    """

    day: date
    top: Node | None
    members: tuple[Node, ...]
    owners: tuple[Owning, ...]
    owned: tuple[Owning, ...]
    undecided: str


def group_of(engine: Engine, documents: Documents, table: EdgeTable, iri: str, day: date) -> Group | None:
    """Return the group of an organisation on a day; None for one that nobody owns or owned, and that owns nobody.

    Parameters
    ----------
    engine
        The snapshot.
    documents
        The articles at hand, for the quotations.
    table
        The edge table, for who owns whom.
    iri
        The organisation.
    day
        On which day.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in engine.select(query("ownerships-of"), bind={"thing": NamedNode(iri)}):
        rows[text_of(row, "ownership")].append(row)
    if not rows:
        return None
    claims = _claims(engine, documents, {text_of(row, "ground") for found in rows.values() for row in found})
    ownings = {ownership: _owning(found, day, claims) for ownership, found in rows.items()}
    sides = {ownership: text_of(found[0], "mine") for ownership, found in rows.items()}
    groups = group_at(table.holdings, day)
    top = groups.of.get(iri)
    together = [one for one, its in groups.of.items() if its == top and one not in (iri, top)] if top else []
    names = labels_of(engine, (*together, *([top] if top else ())))
    return Group(
        day=day,
        top=None if top is None else Node(names.get(top, top), top),
        members=tuple(sorted((Node(names.get(one, one), one) for one in together), key=lambda node: node.text)),
        owners=tuple(owning for ownership, owning in ownings.items() if sides[ownership] == CG.owned),
        owned=tuple(owning for ownership, owning in ownings.items() if sides[ownership] == CG.owner),
        undecided=_undecided(groups.undecided, iri),
    )


def _undecided(undecided: Sequence[Undecided], iri: str) -> str:
    return next((_WHY[one.why] for one in undecided if one.organisation == iri), "")


def _owning(rows: Sequence[Row], day: date, claims: dict[str, list[ClaimLine]]) -> Owning:
    row = rows[0]
    grounds = {text_of(one, "ground"): node_of(one, "ground") for one in rows if text_of(one, "ground")}
    begun = text_of(row, "startLatest") or text_of(row, "start")
    ended = text_of(row, "endEarliest") or text_of(row, "end")
    share = text_of(row, "share")
    return Owning(
        iri=text_of(row, "ownership"),
        other=node_of(row, "other"),
        share=Decimal(share) if share else None,
        controls={"true": True, "false": False}.get(text_of(row, "controls")),
        start=text_of(row, "start"),
        known_by=text_of(row, "startLatest"),
        end=text_of(row, "end"),
        # ISO days compare as texts; a bound that is not known bounds nothing.
        holds=(not begun or begun <= day.isoformat()) and (not ended or ended >= day.isoformat()),
        ground=next((node for node in grounds.values() if "/claim/" not in (node.iri or "")), None),
        record=text_of(row, "record"),
        said=text_of(row, "said"),
        claims=tuple(line for ground in grounds for line in claims[ground]),
    )


def _claims(engine: Engine, documents: Documents, grounds: set[str]) -> dict[str, list[ClaimLine]]:
    """Return the claims that each ground is, or that are made of it."""
    found: dict[str, list[ClaimLine]] = defaultdict(list)
    wanted = sorted(grounds - {""})
    if not wanted:
        return found
    about = {text_of(row, "claim"): text_of(row, "thing") for row in engine.select(query_about("grounds", wanted))}
    for line in claim_lines(engine, documents, about):
        found[about[line.iri]].append(line)
    return found
