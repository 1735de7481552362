"""Every door gives the same answer, to the penny: commands, addresses, Python, tables, exports, pages, what-if, SPARQL.

Scopes are drawn over one data folder of claims, payments, sales and contracts; where the real files are at hand, over
those as well.
"""

import csv
import io
import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import civicgraph.graph as cg
from civicgraph.api.app import create_app
from civicgraph.api.cli import app
from civicgraph.api.settings import Settings
from civicgraph.api.tables.flat import table_text
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_ocds, load_spend
from civicgraph.seeds_loader.load_registers import load_authorities

SHARED = Path(__file__).parents[3] / "shared/data"
GEXF = "{http://gexf.net/1.3}"
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
TABLE_OF = {"spend": "spend", "value": "contracts"}
KIND_OF = {"spend": "spend", "value": "contract"}

Scoped = dict[str, str | list[str]]


class Doors(NamedTuple):
    """One data folder, and each way to ask it."""

    folder: Path
    client: TestClient
    python: cg.Data
    buyers: dict[str, list[str]]
    places: list[str]
    marks: dict[str, list[str]]


PAYMENTS = """Buyer,Supplier Name,Amount,Payment Date,Department
{rows}"""
GAMMA = '"=Gamma, ""Sons"" & Co"'
MARKED = """Buyer,Supplier Name,Amount incl VAT,Payment Date,Sector,Supplier size,Lot,Contract reference
{rows}"""
MARKS = {"vat": "vat", "sector": "sector", "size": "supplier_size", "lot": "lot"}
"""What files say of their rows: the filters, with the columns of the table `payments`."""


def made(folder: Path) -> list[Path]:
    """Write two tables of payments with all that makes sums hard: refunds, totals, redactions, pennies, one day."""
    rows = []
    for at in range(60):
        buyer = ("Ashby Council", "Bexham Council")[at % 2]
        supplier = ("Alpha Ltd", "Beta Systems plc", "REDACTED PERSONAL DATA", GAMMA, "Ashby Council")[at % 5]
        amount = ("1000.01", "33.33", "-20.00", "0.07", "123456.78", "0")[at % 6]
        rows.append(f"{buyer},{supplier},{amount},2019-{at % 12 + 1:02}-{at % 28 + 1:02},IT")
    spend = folder / "payments.csv"
    spend.write_text(PAYMENTS.format(rows="\n".join(rows)), encoding="utf-8")
    net = folder / "net.csv"
    net.write_text(PAYMENTS.replace("Amount", "Amount excl VAT").format(rows="\n".join(rows[:20])), encoding="utf-8")
    marked = folder / "marked.csv"
    marked.write_text(MARKED.format(rows="\n".join(map(marked_row, range(24)))), encoding="utf-8")
    return [spend, net, marked]


def marked_row(at: int) -> str:
    """Return a payment with all that a file can say of it, some of them under a contract."""
    buyer, supplier = (("Buyer 0 Council", "Supplier 0 Ltd"), ("Ashby Council", "Alpha Ltd"))[at % 3 == 0]
    sector, size, lot = ("Local Government", "Health", "")[at % 3], ("SME", "Large")[at % 2], f"Lot {at % 4 + 1}"
    return f"{buyer},{supplier},{at * 1000 + 0.12:.2f},2019-{at % 12 + 1:02}-15,{sector},{size},{lot},DN70000{at % 7}"


def contracts(folder: Path) -> Path:
    """Write contracts of several buyers and suppliers, values that do not divide, other currencies and no value."""
    lines = []
    for at in range(24):
        suppliers = [{"id": f"s{n}", "name": f"Supplier {n} Ltd", "roles": ["supplier"]} for n in range(at % 3 + 1)]
        buyers = [{"id": f"b{n}", "name": f"Buyer {n} Council", "roles": ["buyer"]} for n in range(at % 2 + 1)]
        value: dict[str, Any] = {"amount": round(1000.01 * (at + 1), 2), "currency": "EUR" if at % 7 == 6 else "GBP"}
        award: dict[str, Any] = {
            "id": str(at),
            "status": "active",
            "suppliers": [{"id": one["id"], "name": one["name"]} for one in suppliers],
            "contractPeriod": {"startDate": f"2019-0{at % 9 + 1}-11T00:00:00Z", "endDate": "2020-05-17T00:00:00Z"},
        }
        if at % 5:
            award["value"] = value
        release = {
            "ocid": f"ocds-b5fd17-{at}",
            "id": f"r{at}",
            "date": "2019-02-01T00:00:00Z",
            "tag": ["award"],
            "parties": [*buyers, *suppliers],
            "buyer": {"id": "b0", "name": "Buyer 0 Council"},
            "tender": {
                "id": f"DN70000{at}",
                "title": f"Support {at}",
                "items": [{"id": "1", "classification": {"scheme": "CPV", "id": "72000000"}}],
            },
            "awards": [award],
        }
        lines.append(json.dumps(release))
    path = folder / "contracts.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def doors(folder: Path) -> Iterator[Doors]:
    with TestClient(create_app(Settings(folder, workers=1))) as client, cg.open_folder(folder) as python:
        buyers = {
            basis: sorted(str(row["name"]) for row in python.figures("buyer", basis=basis))[:40] for basis in KIND_OF
        }
        places = [row["name"] or "" for row in python.sparql(PLACES)]
        rows = client.get("/tables/payments.json?_size=max").json()
        marks = {name: sorted({row[column] for row in rows} - {None}) for name, column in MARKS.items()}
        yield Doors(folder, client, python, buyers, places, marks)


PLACES = (
    "SELECT DISTINCT ?name { ?body cg:areaServed/cg:within* ?place . ?place rdfs:label ?name } ORDER BY ?name LIMIT 20"
)


def copied(data: Path, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    folder = tmp_path_factory.mktemp("doors") / "data"
    shutil.copytree(data, folder, symlinks=True)
    return DataFolder(folder)


@pytest.fixture(scope="module")
def small(seeds_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    files = tmp_path_factory.mktemp("files")
    folder = copied(seeds_data, tmp_path_factory)
    load_spend(folder, made(files))
    load_ocds(folder, [contracts(files)])
    yield from doors(folder.path)


@pytest.fixture(scope="module")
def real(seeds_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    if not SHARED.exists():
        pytest.skip(f"the real files are not at {SHARED}, beside the checkout")
    folder = copied(seeds_data, tmp_path_factory)
    load_authorities(folder, [SHARED / "local_authorities"])
    spend = [SHARED / f"council_spend/{name}.csv" for name in ("calderdale__2019-11", "cabinetoffice__2019-10")]
    load_spend(folder, [SHARED / "gcloud/G-Cloud-Spend-14-07-14-v2-For-import.csv", *spend])
    load_ocds(folder, [SHARED / "ocds/contracts_finder_england.jsonl", SHARED / "ocds/pcs_scotland.jsonl"])
    yield from doors(folder.path)


def scopes(found: Doors, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Scoped:
    """Draw a scope in which money is added up."""
    scope: Scoped = {"basis": draw(st.sampled_from(["spend", "value"]))}
    days = st.dates(date(2012, 4, 1), date(2020, 12, 31))
    start, end = draw(st.none() | days), draw(st.none() | days)
    if start and end and end < start:
        start, end = end, start
    if start:
        scope["from"] = start.isoformat()
    if end:
        scope["to"] = end.isoformat()
    if draw(st.booleans()):
        names = st.sampled_from(found.buyers[str(scope["basis"])])
        scope["buyer"] = draw(st.lists(names, min_size=1, max_size=2, unique=True))
    if found.places and draw(st.integers(0, 3)) == 0:
        scope["place"] = draw(st.sampled_from(found.places))
    others = {
        "service": st.just("it-services"),
        "level": st.just("group"),
        "minimum": st.sampled_from(["0.01", "5000", "1,000,000"]),
        "currency": st.just("EUR"),
        "certainty": st.sampled_from(["asserted", "reported"]),
        **{
            name: st.lists(st.sampled_from(known), min_size=1, max_size=2)
            for name, known in found.marks.items()
            if known
        },
    }
    for name, values in others.items():
        if draw(st.integers(0, 3)) == 0:
            scope[name] = draw(values)
    return scope


def by_command(found: Doors, scope: Scoped) -> Decimal:
    words = ["concentration", "--by", "market", "--format", "json", "--data", str(found.folder)]
    for name, value in scope.items():
        for one in value if isinstance(value, list) else [value]:
            words += [f"--{name}", one]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return Decimal(str(json.loads(done.stdout)[0]["total"]))


def get(found: Doors, path: str, scope: Scoped) -> Any:  # noqa: ANN401 - a response, of one client or the other
    answer = found.client.get(f"{path}?{urlencode(scope, doseq=True)}")
    assert answer.status_code == 200, answer.text
    return answer


def by_python(found: Doors, scope: Scoped) -> Decimal:
    filters = {{"from": "start", "to": "end"}.get(name, name): value for name, value in scope.items()}
    return Decimal(str(found.python.figures("market", **filters)[0]["total"]))


def by_table(found: Doors, table: str, scope: Scoped) -> Decimal | None:
    """Return what the rows of a table count for; None where no row has one of the filters' values."""
    asked: Scoped = {**scope, "_size": "max"}
    del asked["basis"]
    answer = found.client.get(f"/tables/{table}.csv?{urlencode(asked, doseq=True)}")
    if answer.status_code == 400:
        assert "no row has" in answer.text
        return None
    assert answer.status_code == 200, answer.text
    assert "next" not in answer.links
    return sum(
        (Decimal(row["counted"]) for row in csv.DictReader(io.StringIO(answer.text)) if row["counted"]), Decimal(0)
    )


def by_gexf(found: Doors, scope: Scoped) -> Decimal:
    root = ET.fromstring(get(found, "/exports/network.gexf", scope).content)  # noqa: S314 - our own file
    columns = {
        one.get("id"): one.get("title")
        for part in root.iter(f"{GEXF}attributes")
        if part.get("class") == "edge"
        for one in part
    }
    values = [one for edge in root.iter(f"{GEXF}edge") for one in edge.iter(f"{GEXF}attvalue")]
    return sum((Decimal(one.get("value") or "0") for one in values if columns[one.get("for")] == "value"), Decimal(0))


def by_graphml(found: Doors, scope: Scoped) -> Decimal:
    root = ET.fromstring(get(found, "/exports/network.graphml", scope).content)  # noqa: S314 - our own file
    keys = {
        one.get("id")
        for one in root.iter(f"{GRAPHML}key")
        if one.get("for") == "edge" and one.get("attr.name") == "value"
    }
    values = [
        one for edge in root.iter(f"{GRAPHML}edge") for one in edge.iter(f"{GRAPHML}data") if one.get("key") in keys
    ]
    return sum((Decimal(one.text or "0") for one in values), Decimal(0))


def by_csv(found: Doors, scope: Scoped) -> Decimal:
    rows = csv.DictReader(io.StringIO(get(found, "/exports/network/edges.csv", scope).text))
    return sum((Decimal(row["value"]) for row in rows if row["value"]), Decimal(0))


def check(found: Doors, scope: Scoped) -> None:
    told = by_command(found, scope)
    assert Decimal(str(get(found, "/concentration.json", {**scope, "by": "market"}).json()[0]["total"])) == told
    assert by_python(found, scope) == told
    kind = KIND_OF[str(scope["basis"])]
    assert by_table(found, TABLE_OF[str(scope["basis"])], scope) in (told, None if told == 0 else told)
    assert by_table(found, "dependencies", {**scope, "kind": kind}) in (told, None if told == 0 else told)
    for exported in (by_gexf(found, scope), by_graphml(found, scope), by_csv(found, scope)):
        assert abs(exported - told) < Decimal("0.005")


SLOW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@SLOW
@given(data=st.data())
def test_the_doors_agree_on_made_data(small: Doors, data: st.DataObject) -> None:
    check(small, scopes(small, data.draw))


@SLOW
@given(data=st.data())
def test_the_doors_agree_on_real_data(real: Doors, data: st.DataObject) -> None:
    check(real, scopes(real, data.draw))


@pytest.mark.parametrize("by", ["market", "supplier", "buyer"])
def test_figures_as_csv_are_those_in_json(small: Doors, by: str) -> None:
    scope: Scoped = {"by": by, "basis": "spend", "from": "2019-03-01", "to": "2019-10-31"}
    rows = get(small, "/concentration.json", scope).json()
    told = table_text(list(rows[0]), rows, "csv")
    assert get(small, "/concentration.csv", scope).text == told
    words = [word for name, value in scope.items() for word in (f"--{name}", str(value))]
    done = CliRunner().invoke(app, ["concentration", *words, "--format", "csv", "--data", str(small.folder)])
    assert done.stdout_bytes.decode() == told
    assert by != "supplier" or '"\'=Gamma, ""Sons"" & Co"' in told


def test_ceilings_have_what_payments_count_for(small: Doors) -> None:
    ceilings = small.client.get("/tables/ceilings.json").json()
    assert {row["paid_vat"] for row in ceilings} == {"gross"}
    payments = small.client.get("/tables/payments.json?_size=max&vat=gross").json()
    for row in ceilings:
        under = [Decimal(str(one["counted"])) for one in payments if one["contract"] == row["iri"] and one["counted"]]
        assert (Decimal(str(row["paid"])), row["payments"]) == (sum(under), len(under))


SUM = """SELECT (SUM(?amount) AS ?sum) {{
  ?one a cg:{cls} ; cg:{amount} ?amount ; cg:currency "GBP" ; cg:supplier ?supplier ; cg:buyer ?buyer .
  FILTER NOT EXISTS {{ ?one cg:guard ?guard }} FILTER NOT EXISTS {{ ?one cg:vatBasis cg:grossOfVat }}
}}"""


def test_sparql_sums_what_figures_sum(small: Doors) -> None:
    told = by_command(small, {"basis": "spend"})
    (row,) = small.python.sparql(SUM.format(cls="Spend", amount="amount"))
    assert Decimal(row["sum"] or "0") == told
    # A contract of several parties stands once for each pair of them.
    each = (
        'SELECT ?one ?value { ?one a cg:Contract ; cg:awardedValue ?value ; cg:currency "GBP" ; cg:supplier ?supplier'
    )
    whole = "} GROUP BY ?one ?value"
    rows = small.python.sparql(f"{each} . FILTER NOT EXISTS {{ ?one cg:guard ?guard }} {whole}")
    assert sum(Decimal(row["value"] or "0") for row in rows) == by_command(small, {"basis": "value"})


def test_partners_on_pages_have_what_figures_give_them(small: Doors) -> None:
    for buyer in ("Ashby Council", "Buyer 0 Council"):
        figure = next(
            row
            for basis in ("spend", "value")
            for row in small.python.figures("buyer", basis=basis)
            if row["name"] == buyer
        )
        key = str(figure["buyer"]).rpartition("/id/")[2]
        page = small.client.get("/network/neighbours.json", params={"node": key, "limit": 100})
        assert page.status_code == 200, page.text
        lines = small.client.get(f"/id/{key}/suppliers.json", params={"for": "all"}).json()
        for basis, kind, column in (("spend", "spend", "paid"), ("value", "contract", "awarded")):
            told = {
                str(row["supplier"]): row["total"] for row in small.python.figures("supplier", basis=basis, buyer=buyer)
            }
            shown = {
                f"https://w3id.org/civicgraph/id/{edge['supplier']}": edge["value"]
                for edge in page.json()["edges"]
                if edge["kind"] == kind and edge["view"] == "established" and edge["value"] and edge["buyer"] == key
            }
            assert shown == {supplier: total for supplier, total in told.items() if total}
            assert shown == {line["iri"]: line[column] for line in lines if line[column]}


def test_what_is_at_stake_if_a_supplier_fails_is_what_figures_give_it(small: Doors) -> None:
    day = date(2019, 10, 1)
    hits = small.python.fails("Supplier 0 Ltd", day)
    left = sum(
        Decimal(str(hit["left"]))
        for hit in hits
        if hit["kind"] == "contract" and hit["currency"] == "GBP" and hit["left"]
    )
    scope: Scoped = {"basis": "value", "supplier": "Supplier 0 Ltd", "from": day.isoformat()}
    assert left == by_command(small, scope)
