"""What a view says, sentence by sentence, each with the claims that it rests on."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query
from civicgraph.api.pages.claims import claim_lines
from civicgraph.api.pages.values import node_of, text_of
from civicgraph.api.pages.words import property_label
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.claims.documents import Documents

_TYPE: Final = PREFIXES["rdf"] + "type"
_BUYS: Final = (CG.customer, CG.buyer)
_SELLS: Final = (CG.provider, CG.supplier)
_MADE: Final = {
    "ownership": "an acquisition, or a part in a joint venture, makes an owner",
    "membership": "role and body that one document gives a person together",
}
"""Why there is a thing that nobody states, by its kind."""
_ROLES: Final = {CG.Supplier: _SELLS, CG.Buyer: _BUYS}

Triple = tuple[str, str, str]


def sentences(engine: Engine, documents: Documents, view: str) -> list[Mapping[str, Any]]:
    """Return what a view says of named things, in the order of their names.

    The `rule` of one is empty where claims state it, else it says what derived it from the claims, its `grounds`.
    Left out are the classes that a claims file declares, those above another, and the bounds of inexact dates.

    Parameters
    ----------
    engine, documents
        A snapshot, and the articles at hand.
    view
        The IRI of a view.
    """
    bind = {"view": NamedNode(view)}
    accepted = _Accepted(engine.select(query("accepted"), bind=bind))
    found: dict[Triple, tuple[Row, str, list[str]]] = {}
    for row in engine.select(query("view-statements"), bind=bind):
        rule, claims = accepted.grounds(row)
        if claims:
            # A statement that follows from several events or claims comes once for each.
            found.setdefault(_triple(row), (row, rule, []))[2].extend(claims)
    lines = {
        line["iri"]: line for line in claim_lines(engine, documents, chain(*(claims for *_, claims in found.values())))
    }
    order = {iri: place for place, iri in enumerate(lines)}
    return [
        {
            "subject": node_of(row, "subject"),
            "property": property_label(text_of(row, "property")),
            "value": node_of(row, "value"),
            "rule": rule,
            "grounds": [lines[claim] for claim in sorted(set(claims), key=order.__getitem__)],
        }
        for row, rule, claims in found.values()
    ]


class _Accepted:
    """The claims of a view by what they say."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._stating: dict[Triple, list[str]] = defaultdict(list)
        self._with_value: dict[str, list[Triple]] = defaultdict(list)
        self._about: dict[str, list[str]] = defaultdict(list)  # an event, or a claim
        for row in rows:
            triple = _triple(row)
            self._stating[triple].append(text_of(row, "claim"))
            self._with_value[triple[2]].append(triple)
            self._about[triple[0]].append(text_of(row, "claim"))
            self._about[text_of(row, "claim")] = [text_of(row, "claim")]

    def grounds(self, row: Row) -> tuple[str, Sequence[str]]:
        """Return the rule that derived a statement and the claims it follows from; no rule where claims state it."""
        subject, prop, value = triple = _triple(row)
        if triple in self._stating:
            return "", self._stating[triple]
        if origin := text_of(row, "origin"):
            return _MADE[subject.split("/")[-2]], self._about[origin]
        if prop == _TYPE:
            roles = [one for one in self._with_value[subject] if one[1] in _ROLES.get(value, ())]
            return "a party of a service or contract", [claim for one in roles for claim in self._stating[one]]
        if prop == CG.areaServed:
            return "the customer's own area", self._by_customer(subject, value)
        if prop == CG.provides:
            return "what it is the provider of", self._stating.get((value, CG.provider, subject), [])
        sold = {one[0]: one for one in self._with_value[value] if one[1] in _SELLS}
        bought = [one for one in self._with_value[subject] if one[1] in _BUYS and one[0] in sold]
        claims = [claim for one in bought for triple in (one, sold[one[0]]) for claim in self._stating[triple]]
        return "customer and provider, or buyer and supplier, of one", claims

    def _by_customer(self, service: str, place: str) -> list[str]:
        areas = [one for one in self._with_value[place] if one[1] in (CG.areaServed, CG.basedIn)]
        customers = [(service, CG.customer, of) for of, *_ in areas if (service, CG.customer, of) in self._stating]
        areas = [one for one in areas if any(one[0] == customer for *_, customer in customers)]
        own = [one for one in areas if one[1] == CG.areaServed] or areas
        return [claim for triple in (*customers, *own) for claim in self._stating[triple]]


def _triple(row: Row) -> Triple:
    return text_of(row, "subject"), text_of(row, "property"), text_of(row, "value")
