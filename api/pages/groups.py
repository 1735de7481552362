"""The group that an organisation is in on a day: who owns it, what it owns, and who says so."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import about, query
from civicgraph.api.pages.claims import Claim, claim_lines
from civicgraph.api.pages.ties import labels_of
from civicgraph.api.pages.values import Node, node_of, text_of, told
from civicgraph.api.serving import Snapshot
from civicgraph.graph.engine.interface import Row
from civicgraph.graph.identity.ownership import group_at
from civicgraph.ontology.terms import CG

_WHY: Final = {
    "joint": "no one of its owners is said to decide alone",
    "circle": "ownership leads back to where it began",
    "at odds": "two are each said to decide alone",
}


def group_of(snapshot: Snapshot, iri: str, day: date) -> Mapping[str, Any] | None:
    """Return the group of an organisation on a day; None for one that nobody owns or owned, and that owns nobody.

    `top` is its topmost owner, None where it is in no group; `members` are all others in the group; `undecided` says
    why it has owners and is in the group of none; `owners` and `owned` are ownerships as `ownerships-of.rq` tells them.

    Parameters
    ----------
    snapshot
        What is served.
    iri
        The organisation.
    day
        On which day.
    """
    engine, rows = snapshot.engine, defaultdict[str, list[Row]](list)
    for row in engine.select(query("ownerships-of"), bind={"thing": NamedNode(iri)}):
        rows[text_of(row, "ownership")].append(row)
    if not rows:
        return None
    # Each ground is a claim, or something that claims are made of.
    grounds = {text_of(row, "ground") for found in rows.values() for row in found} - {""}
    behind = {text_of(row, "claim"): text_of(row, "thing") for row in about(engine, "grounds", grounds)}
    claims: dict[str, list[Claim]] = defaultdict(list)
    for line in claim_lines(engine, snapshot.documents, behind):
        claims[behind[line["iri"]]].append(line)
    ownings = [_owning(found, day, claims) for found in rows.values()]
    groups = group_at(snapshot.edges.holdings, day)
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


def _owning(rows: Sequence[Row], day: date, claims: Mapping[str, list[Claim]]) -> Mapping[str, Any]:
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
