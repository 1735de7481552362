"""/method: what each figure means and where its formula is from; and how one figure was worked out, in words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from civicgraph.api.pages.rendering import day, money, render
from civicgraph.api.pages.words import measures
from civicgraph.graph.edges.finding import names_of
from civicgraph.graph.edges.scope import Basis, Scope
from civicgraph.graph.edges.table import EdgeTable, Scoped

router = APIRouter(tags=["Pages"])

_BASES: Final[Mapping[Basis, str]] = {
    "value": "what contracts were awarded for",
    "spend": "what was paid or sold",
    "contracts": "the number of contracts",
    "customers": "each pair of a supplier and a customer, once",
    "services": "the number of services",
}


@router.get("/method", response_class=HTMLResponse)
def method() -> HTMLResponse:
    """Say what each figure means, how it is worked out, and where its formula is from."""
    return HTMLResponse(render("method.html", measures=measures()))


def worked_out(table: EdgeTable, found: Scoped, query: str) -> Mapping[str, Any]:
    """Return how the figures of a scope were worked out: its scope and account in words, and what asks for it again.

    Parameters
    ----------
    table, found
        The edge table, and the rows of the scope.
    query
        What asks for the same at `/concentration`, as it stands in an address.
    """
    account = found.account
    with_money = account.is_of_money and bool(account.money)
    return {
        "scope": _in_words(table, found.scope),
        "rows": account.rows,
        "counted": account.counted.rows,
        "money": money(account.money, found.scope.currency) if with_money else "",
        "counted_money": money(account.counted.money, found.scope.currency) if with_money else "",
        "left_out": account.text(),
        "query": query,
    }


def _in_words(table: EdgeTable, scope: Scope) -> dict[str, str]:
    names = {**table.labels, **names_of(table, (*scope.buyers, *scope.suppliers))}

    def named(iris: Sequence[str], otherwise: str) -> str:
        return " or ".join(names.get(iri, iri) for iri in iris) or otherwise

    period = "all that is known, whenever it was"
    if scope.is_dated:
        period = (
            f"{day(scope.start) if scope.start else 'the beginning'} to {day(scope.end) if scope.end else 'the end'}"
        )
    said = {
        "Services": named(scope.services, "all"),
        "Places": named(scope.places, "everywhere"),
        "Buyers": named(scope.buyers, "all"),
        "Suppliers": named(scope.suppliers, "all"),
        "Period": period,
        "Counted by": _BASES[scope.basis],
        "Suppliers as": "groups" if scope.level == "group" else "legal entities",
    }
    if scope.certainty:
        said["Least certainty"] = scope.certainty
    if scope.minimum is not None:
        said["Between a buyer and a supplier at least"] = money(scope.minimum, scope.currency)
    if scope.is_money and scope.currency != "GBP":
        said["Currency"] = scope.currency
    if scope.plans:
        said["With"] = "what is planned"
    return said
