"""The view of claims: who is said to be tied to whom, what is planned, rumoured or denied, and how certain."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from civicgraph.graph.edges.scope import CERTAINTIES, Scope, ScopeError
from civicgraph.graph.engine.interface import Engine, query_text, rows, text
from civicgraph.graph.exports.cells import id_of, kind_of, plain
from civicgraph.graph.exports.drawing import Drawing, EdgeRow, Node, around, graph_of
from civicgraph.graph.exports.options import Options
from civicgraph.ontology.terms import CG, CG_NS

_Tie = tuple[str, str, str, str, str]
"""Source, target, relation, modality and polarity: what one edge stands for."""


def claims_view(engine: Engine, scope: Scope, options: Options) -> Drawing:
    """Return the view of claims: an edge for each relation, modality and polarity between two parties.

    Where two claims make a tie (who is the customer, who the provider), it is as certain as the less certain of them,
    and of the modality that is further from fact; it is denied if either is. It is there from the day of the first
    document that says so: what is known of its time is when it was said.

    Parameters
    ----------
    engine
        The store.
    scope
        All: what is said has no scope.
    options
        Only the neighbourhood applies.

    Raises
    ------
    ScopeError
        The scope is not all, or the view is to be around a node that is not in it.
    """
    if scope != Scope():
        msg = "the view claims shows all that is said, of any period, service, place and sum; leave these filters out"
        raise ScopeError(msg)
    behind: dict[_Tie, list[dict[str, str]]] = defaultdict(list)
    said_of: dict[str, set[str]] = defaultdict(set)
    for row in rows(engine, "claim-parties"):
        said = {name: term.value.removeprefix(CG_NS) for name, term in row.items() if term is not None}
        behind[said["source"], said["target"], said["relation"], said["modality"], said["polarity"]].append(said)
        for party in (said["source"], said["target"]):
            said_of[party].add(said["claim"])
    names = _names(engine, sorted(said_of))
    nodes = []
    for party, claims in said_of.items():
        name, cls = names.get(party, (id_of(party), "Agent"))
        nodes.append(Node(party, plain(name), kind_of(cls), cls, value=float(len(claims))))
    graph = graph_of(nodes, (_row(tie, behind[tie]) for tie in sorted(behind)))
    return Drawing("claims", around(graph, options), "Who is said to be tied to whom", "claims")


def _names(engine: Engine, things: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the name of each thing and its narrowest class, the first of several, by its local name."""
    above: dict[str, set[str]] = defaultdict(set)
    for row in rows(engine, "superclasses"):
        above[text(row, "class")].add(text(row, "broader"))
    own: dict[tuple[str, str], set[str]] = defaultdict(set)
    values = " ".join(f"<{thing}>" for thing in things)
    for row in engine.select(query_text("names").replace("WHERE {", f"WHERE {{ VALUES ?thing {{ {values} }}", 1)):
        if (cls := text(row, "class")).startswith(CG_NS) and cls not in (CG.Supplier, CG.Buyer):
            own[text(row, "thing"), text(row, "label")].add(cls)
    return {
        thing: (label, min(classes.difference(*map(above.__getitem__, classes))).removeprefix(CG_NS))
        for (thing, label), classes in own.items()
    }


def _row(tie: _Tie, claims: Sequence[Mapping[str, str]]) -> EdgeRow:
    source, target, relation, modality, polarity = id_of(tie[0]), id_of(tie[1]), *tie[2:]
    kind = f"{relation} ({modality}{', denied' if polarity == 'denied' else ''})"
    count, documents = (len({said[name] for said in claims}) for name in ("claim", "document"))
    certainty = max((said["certainty"] for said in claims), key=CERTAINTIES.index)
    about = tuple(sorted({said["thing"] for said in claims}))
    values = (polarity, modality, certainty, count, documents, about)
    # None where one of the documents may be of any day.
    days = [date.fromisoformat(said["day"]) for said in claims if "day" in said]
    since = ((min(days), None),) if len(days) == len(claims) else ()
    return EdgeRow(f"{source}|{kind}|{target}", source, target, kind, kind, float(count), since, values)
