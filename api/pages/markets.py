"""Markets on a page: their figures with the bands that authorities draw, and what a reader may choose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from civicgraph.api.own_queries import sql
from civicgraph.api.pages.organisations import FLOOR_DAYS, FLOOR_PAYMENTS
from civicgraph.api.parameters import of_any_basis
from civicgraph.graph.edges.filters import FILTERS, Filters, period_of
from civicgraph.graph.edges.finding import names_of
from civicgraph.graph.edges.scope import Basis
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.measures.bands import EC_2004, US_2023, band
from civicgraph.graph.measures.figure_columns import Figure
from civicgraph.graph.measures.partners import HIDDEN, LEAST_COVERAGE
from civicgraph.graph.measures.party_figures import DEPENDENT
from civicgraph.ontology.terms import SERVICES_NS

IT_SERVICES: Final = SERVICES_NS + "it-services"
_KNOWN: Final = """
SELECT kind::VARCHAR, bool_or(b.iri = $it) FROM edge JOIN under u ON u.thing = service JOIN thing b ON b.thing = broader
WHERE guard IS NULL AND NOT planned AND supplier IS NOT NULL AND (kind = 'service' OR amount_e4 IS NOT NULL)
GROUP BY kind
"""
_BASES: Final[Mapping[str, Basis]] = {"spend": "spend", "contract": "value", "service": "customers"}
"""The basis where none is chosen, by the first kind of edge that there is."""

BANDS: Final[Mapping[str, Callable[[float | None], str | None]]] = {
    one: partial(band, one) for one in (US_2023, EC_2004)
}
"""How authorities call a market by its HHI. Both look at mergers: neither says that a market so called is badly run."""


FLOOR_SUPPLIERS: Final = 3
FLOOR_BUYERS: Final = 2
"""How many a market has at least before it is called concentrated or not: one contract is not a market."""


FLOOR_RECORDS: Final = 3
"""Of fewer contracts or services of a buyer than this, half is with somebody whatever they are."""


def band_of(figure: Figure, band: Callable[[float | None], str | None]) -> str:
    """Return how an authority calls a market, or why it is too small to be called anything."""
    if figure["hhi"] is None:
        return ""
    if figure["suppliers"] < FLOOR_SUPPLIERS or figure["buyers"] < FLOOR_BUYERS:
        return "too few to say"
    return band(figure["hhi"]) or ""


def dependants_in(found: Scoped) -> Mapping[str, int]:
    """Return by supplier how many buyers have half or more with it, of those of whom enough is known to say so.

    A supplier without such a buyer is not among them: nothing can be said of it.
    """
    floors = {"records": FLOOR_RECORDS, "payments": FLOOR_PAYMENTS, "days": FLOOR_DAYS, "coverage": LEAST_COVERAGE}
    return dict(found.rows(sql("depend_on"), {**floors, "hidden": HIDDEN, "half": DEPENDENT}))


def market_of(table: EdgeTable, given: Filters) -> Filters:
    """Return a market as a form asks for it: an empty field chooses nothing, and without a basis it is the best known.

    Where neither a basis nor a service is named, not even by an empty field, it is that of IT.
    """
    services, places = tuple(filter(None, given.service)), tuple(filter(None, given.place))
    chosen = replace(given, service=services, place=places)
    period_of(chosen.start, chosen.end, chosen.as_of)
    filters, is_open = of_any_basis(chosen)
    if not is_open:
        return filters
    known: dict[str, bool] = dict(table.rows(_KNOWN, {"it": IT_SERVICES}))
    kind = next((kind for kind in _BASES if known.get(kind)), next((kind for kind in _BASES if kind in known), ""))
    of_it = (table.label(IT_SERVICES),) if known.get(kind) and not given.service else filters.service
    return replace(filters, basis=_BASES.get(kind, "customers"), service=of_it)


def address_of(filters: Filters, **others: str) -> str:
    """Return filters as the query of an address, with other parameters before them."""
    pairs = [*others.items()]
    for name, one in FILTERS.items():
        value = getattr(filters, one.name)
        pairs += [
            (name, str(each)) for each in (value if isinstance(value, tuple) else (value,)) if each not in _UNSAID
        ]
    return urlencode(pairs)


_UNSAID: Final = (None, "", False, "entity", "GBP")


def worked_out(table: EdgeTable, found: Scoped, query: str) -> Mapping[str, Any]:
    """Return what `worked-out.html` says of the figures of a scope.

    Parameters
    ----------
    table, found
        The edge table, and the rows of the scope.
    query
        What asks for the same at `/concentration`, as it stands in an address.
    """
    scope = found.scope
    names = {**table.labels, **names_of(table, (*scope.buyers, *scope.suppliers))}
    return {"scope": scope, "names": names, "account": found.account, "query": query}


def names_in(table: EdgeTable) -> Mapping[str, Sequence[str]]:
    """Return what the service types and places of edges, and all that they lie under, are called, in order."""
    rows = table.rows(sql("names_in_edges"))
    kinds = {"services": False, "places": True}
    return {kind: [name for name, is_place in rows if is_place == of_place] for kind, of_place in kinds.items()}
