"""The group that an organisation is in on a day: who owns it, what it owns, and who says so."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query, query_about
from civicgraph.api.pages.claims import ClaimLine, claim_lines
from civicgraph.api.pages.ties import labels_of
from civicgraph.api.pages.values import Node, node_of, text_of, told
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.graph.identity.ownership import group_at
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.claims.documents import Documents

_WHY: Final = {
    "joint": "no one of its owners is said to decide alone",
    "circle": "ownership leads back to where it began",
    "at odds": "two are each said to decide alone",
}


def group_of(engine: Engine, documents: Documents, table: EdgeTable, iri: str, day: date) -> Mapping[str, Any] | None:
    """Return the group of an organisation on a day; None for one that nobody owns or owned, and that owns nobody.

    `top` is its topmost owner, None where it is in no group; `members` are all others in the group; `undecided` says
    why it has owners and is in the group of none; `owners` and `owned` are ownerships as `ownerships-of.rq` tells them.

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
    ownings = [_owning(found, day, claims) for found in rows.values()]
    groups = group_at(table.holdings, day)
    top = groups.of.get(iri)
    names = labels_of(engine, (one for one, its in groups.of.items() if top and its == top))
    nodes = {one: Node(name, one) for one, name in names.items()}
    return {
        "day": day,
        "top": None if top is None else nodes.get(top, Node(top, top)),
        "members": sorted((node for one, node in nodes.items() if one not in (iri, top)), key=lambda node: node.text),
        "owners": [one for one in ownings if one["mine"].iri == CG.owned],
        "owned": [one for one in ownings if one["mine"].iri == CG.owner],
        "undecided": _WHY[why] if (why := groups.undecided.get(iri)) else "",
    }


def _owning(rows: Sequence[Row], day: date, claims: Mapping[str, list[ClaimLine]]) -> Mapping[str, Any]:
    """Return an ownership, whether it holds on the day, what it follows from, and the claims that say so."""
    found = told(rows[0])
    grounds = {text_of(one, "ground"): node_of(one, "ground") for one in rows if text_of(one, "ground")}
    begun, ended = found["startLatest"] or found["start"], found["endEarliest"] or found["end"]
    return {
        **found,
        # ISO days compare as texts; a bound that is not known bounds nothing.
        "holds": (not begun or str(begun) <= day.isoformat()) and (not ended or str(ended) >= day.isoformat()),
        "ground": next((node for node in grounds.values() if "/claim/" not in (node.iri or "")), None),
        "claims": [line for ground in grounds for line in claims.get(ground, ())],
    }


def _claims(engine: Engine, documents: Documents, grounds: set[str]) -> Mapping[str, list[ClaimLine]]:
    """Return the claims that each ground is, or that are made of it."""
    found: dict[str, list[ClaimLine]] = defaultdict(list)
    wanted = sorted(grounds - {""})
    about = {text_of(row, "claim"): text_of(row, "thing") for row in engine.select(query_about("grounds", wanted))}
    for line in claim_lines(engine, documents, about):
        found[about[line.iri]].append(line)
    return found
