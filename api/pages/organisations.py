"""An organisation as buyer and as supplier: its services, contracts and money, who depends on whom, and its group."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import about, query, sql
from civicgraph.api.pages.claims import Claim, claim_lines
from civicgraph.api.pages.dealings import DealingsChoice, dealings_of
from civicgraph.api.pages.listing import Address
from civicgraph.api.pages.ties import SIDES, Kind, Side, completed, labels_of, ties_of
from civicgraph.api.pages.values import Node, node_of, text_of, told
from civicgraph.api.serving import Snapshot
from civicgraph.graph.edges.scope import KIND_OF_BASIS, MONEY, Basis, Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Row
from civicgraph.graph.identity.ownership import group_at
from civicgraph.graph.measures.concentration import hhi
from civicgraph.graph.measures.partners import LEAST_COVERAGE, ground_of, market_parts, partners
from civicgraph.ontology.terms import CG

SIZE: Final = 50
"""How many lines a table on a page has before there is a next page."""

FLOOR_PAYMENTS: Final = 12
FLOOR_DAYS: Final = 61
"""How many payments of how many days a sentence about dependence rests on at least: always of more than one month."""

KINDS: Final[tuple[Kind, ...]] = ("service", "contract")
_BASES: Final[tuple[Basis, ...]] = ("services", "contracts", "value", "spend")
_WHY: Final = {
    "joint": "no one of its owners is said to decide alone",
    "circle": "ownership leads back to where it began",
    "at odds": "two are each said to decide alone",
}


def roles_of(
    snapshot: Snapshot, iri: str, choice: DealingsChoice, address: Address, skip: int = 0
) -> list[Mapping[str, Any]]:
    """Return the roles that an organisation plays: buyer, supplier, both or neither.

    `counts` are of all its ties, `ties` those of one page; `dealings` its suppliers or customers, as they were chosen;
    `parts` a supplier's shares of markets, by the bases that there is something of.

    Parameters
    ----------
    snapshot
        What is served.
    iri
        The organisation.
    choice
        Which of its suppliers or customers, in which order.
    address
        Where the page is.
    skip
        How many of each kind of ties are on the pages before this one.
    """
    table, roles = snapshot.edges, list[Mapping[str, Any]]()
    for side in SIDES:
        counts: dict[str, int] = dict(table.rows(sql("records_by_kind"), {"party": iri, "side": side}))
        if not counts:
            continue
        buyer, supplier = (iri, None) if side == "buyer" else (None, iri)
        bases = [basis for basis in _BASES if counts.get(KIND_OF_BASIS[basis] or "")]
        dependence = snapshot.recent(("dependence", iri, side), partial(_dependence, table, iri, side, bases))
        supplied = bases if side == "supplier" else []
        parts = {one: snapshot.recent(("parts", iri, one), partial(market_parts, table, iri, one)) for one in supplied}
        roles.append(
            {
                "side": side,
                "ties": {
                    kind: completed(snapshot, ties_of(table, buyer, supplier, (kind,), size=SIZE, skip=skip))
                    for kind in KINDS
                },
                "counts": {kind: counts.get(kind, 0) for kind in KINDS},
                "dependence": dependence,
                "parts": {basis: found for basis, found in parts.items() if found},
                "dealings": dealings_of(snapshot, (iri, side), choice, address),
            }
        )
    return roles


def _dependence(table: EdgeTable, iri: str, side: Side, bases: Sequence[Basis]) -> list[Mapping[str, Any]]:
    """Return what an organisation has with all others on each basis: how much, how concentrated, what is left out.

    `dependants` are the others of whose own whole half or more is with it, if enough of that is known; `mainstays`
    those with whom half or more of its own is; `left_out` has what is in no share, by the reason why. `ground` is what
    sentences rest on: so many records of so many `days`; `is_enough` says if that is enough to say who depends on whom.
    """
    lines: list[Mapping[str, Any]] = []
    for basis in bases:
        found = partners(table, iri, side, basis)
        scope = Scope(buyers=(iri,), basis=basis) if side == "buyer" else Scope(suppliers=(iri,), basis=basis)
        with table.scoped(scope) as scoped:
            account = scoped.account
        if not found and not account.left_out:
            continue
        ends = [day for partner in found for day in (partner.starts, partner.ends) if day is not None]
        days = (max(ends) - min(ends)).days + 1 if ends else 0
        records, ground = sum(partner.records for partner in found), ground_of(account, basis)
        # A few payments of one month are not enough.
        is_few = basis == "spend" and (records < FLOOR_PAYMENTS or days < FLOOR_DAYS)
        lines.append(
            {
                "basis": basis,
                "others": len(found),
                "total": sum(partner.total for partner in found),
                "hhi": hhi(partner.of_own for partner in found),
                "dependants": [one for one in found if one.depends and one.their_coverage >= LEAST_COVERAGE],
                "mainstays": [partner for partner in found if partner.is_depended_on],
                "left_out": account.left_out,
                "days": days,
                "ground": ground,
                "is_enough": ground.is_enough and not is_few,
                "is_money": basis in MONEY,
            }
        )
    return lines


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
