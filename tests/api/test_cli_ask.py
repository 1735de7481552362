"""query and concentration: answers in every format, from an argument, a file, or standard input."""

import csv
import io
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from pyoxigraph import RdfFormat, parse

from civicgraph.api.cli import COMMANDS
from civicgraph.api.commands.common import OUT

Run = Callable[..., CompletedProcess[str]]

SELECT = "SELECT ?council ?supplier { ?c cg:servedBy ?s . ?c rdfs:label ?council . ?s rdfs:label ?supplier }"
CONSTRUCT = "CONSTRUCT { ?c cg:servedBy ?s } { ?c cg:servedBy ?s }"
ID = "https://w3id.org/civicgraph/id/organisation/"
COLUMNS = {
    "market": "market,service,place,from,to,basis,level,hhi,hhi_low,hhi_high,cr1,cr4,cr5,effective_suppliers,gini,"
    "suppliers,buyers,contracts,total,coverage,excluded,weight_coverage,records,cap,hhi_unresolved,hhi_if_refused,hhi_if_taken,"
    "winner_concentration,newcomers,leavers,core_share,band_us_2023,band_ec_2004,currency,coverage_money,rows,"
    "classified,classified_money,notes",
    "supplier": "supplier,name,total,share,contracts,buyers,hhi_buyers,hhi_services,hhi_places,top_buyer,"
    "top_buyer_share,dependent_buyers,sole_supplier_of,coverage,"
    "share_before,pagerank,betweenness,core_number,from,to,basis,level,coverage_money,degree,notes",
    "buyer": "buyer,name,total,share,contracts,suppliers,hhi_suppliers,hhi_services,hhi_places,top_supplier,"
    "top_supplier_share,depends_on,sole_supplied,coverage,"
    "share_before,pagerank,betweenness,core_number,from,to,basis,level,winner_concentration,coverage_money,degree,notes",
}


def test_solutions_as_a_table(run: Run, small_data: Path) -> None:
    done = run("query", SELECT, "--data", small_data)
    assert (done.returncode, done.stderr) == (0, "1 solutions\n")
    rows = [re.split(r" {2,}", line.strip()) for line in done.stdout.splitlines()]
    assert rows == [["council", "supplier"], ["Ashby Council", "Alpha Limited"]]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("csv", "council,supplier\r\nAshby Council,Alpha Limited\r\n\n"),
        ("tsv", '?council\t?supplier\n"Ashby Council"\t"Alpha Limited"\n\n'),
    ],
)
def test_solutions_as_text(run: Run, small_data: Path, form: str, expected: str) -> None:
    done = run("query", SELECT, "--format", form, "--data", small_data)
    assert (done.returncode, done.stdout.replace("\r\n", "\n"), done.stderr) == (0, expected.replace("\r\n", "\n"), "")


def test_solutions_as_json_and_xml(run: Run, small_data: Path) -> None:
    found = json.loads(run("query", SELECT, "--format", "json", "--data", small_data).stdout)
    assert found["head"]["vars"] == ["council", "supplier"]
    assert [row["supplier"]["value"] for row in found["results"]["bindings"]] == ["Alpha Limited"]
    tree = etree.fromstring(run("query", SELECT, "--format", "xml", "--data", small_data).stdout.encode())
    texts = [node.text for node in tree.iter("{http://www.w3.org/2005/sparql-results#}literal")]
    assert texts == ["Ashby Council", "Alpha Limited"]


def test_query_from_file_and_from_input(run: Run, small_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "served.rq"
    path.write_text(f"# é\n{SELECT}", encoding="utf-8")
    from_file = run("query", path, "--format", "csv", "--data", small_data)
    from_input = run("query", "-", "--format", "csv", "--data", small_data, stdin=SELECT)
    assert from_file.stdout == from_input.stdout
    assert "Alpha Limited" in from_file.stdout


@pytest.mark.parametrize(("query", "answer"), [("ASK { ?s cg:provider ?o }", True), ("ASK { ?s cg:jobs ?o }", False)])
def test_questions_of_yes_or_no(run: Run, small_data: Path, query: str, answer: bool) -> None:
    for form in ("table", "json"):
        assert json.loads(run("query", query, "--format", form, "--data", small_data).stdout)["boolean"] is answer


@pytest.mark.parametrize("form", ["table", "ttl"])
def test_graphs_as_turtle(run: Run, small_data: Path, form: str) -> None:
    done = run("query", CONSTRUCT, "--format", form, "--data", small_data)
    triples = [str(quad.triple) for quad in parse(done.stdout.encode(), RdfFormat.TURTLE)]
    served = "https://w3id.org/civicgraph/ontology#servedBy"
    assert triples == [f"<{ID}ashby-council> <{served}> <{ID}alpha>"]


def test_solutions_are_no_turtle(run: Run, small_data: Path) -> None:
    done = run("query", SELECT, "--format", "ttl", "--data", small_data)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("civicgraph: turtle cannot hold solutions; json, xml, csv, tsv can\n")


def test_no_solutions(run: Run, small_data: Path) -> None:
    done = run("query", "SELECT * { ?s cg:jobs ?o }", "--data", small_data)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no solutions\n")


def test_a_market_says_how_many_rows_have_a_type(run: Run, tmp_path: Path) -> None:
    sales = tmp_path / "sales.csv"
    lines = (
        "Customer,Supplier,For_Month,Product_Service_Description,Total_Charge",
        "Ashby Council,Alpha Ltd,2014-03-01,SOCIAL FUND SOFTWARE,10",
        "Ashby Council,Beta Ltd,2014-03-01,Deployment,90",
    )
    sales.write_text("\n".join(lines), encoding="utf-8")
    assert run("load", "spend", sales, "--data", tmp_path / "data").returncode == 0
    scope = ("concentration", "--basis", "spend", "--data", tmp_path / "data", "--service")
    known = "A service type is known of 50% of all payments (10% of the money); others may be of any."
    assert run(*scope, "revenues-benefits").stdout.endswith(f"Left out: nothing.\n{known}\n")
    none = run(*scope, "planning-system")
    assert (none.returncode, none.stdout, none.stderr) == (0, "", f"nothing in scope: no payments lie in it\n{known}\n")


@pytest.mark.parametrize("by", ["market", "supplier", "buyer"])
@pytest.mark.parametrize("basis", ["value", "spend", "contracts", "customers", "services"])
def test_figures_are_printed_on_every_basis(run: Run, small_data: Path, by: str, basis: str) -> None:
    scope = ("--by", by, "--basis", basis, "--data", small_data)
    assert run("concentration", *scope, "--format", "csv").stdout.splitlines()[0] == COLUMNS[by]
    shown = run("concentration", *scope)
    assert shown.returncode == 0
    if basis == "spend":
        assert shown.stdout == ""
        assert shown.stderr == "nothing in scope: no payments lie in it\n"
    else:
        assert shown.stdout.startswith(f"Concentration by {by}, basis {basis}\n")
        assert "Rests on" in shown.stdout
        assert max(map(len, shown.stdout.splitlines())) <= 80


@pytest.mark.parametrize("by", ["market", "supplier", "buyer"])
def test_figures_have_their_columns_as_csv_and_json(run: Run, seeds_data: Path, by: str) -> None:
    as_csv = run("concentration", "--by", by, "--format", "csv", "--data", seeds_data).stdout
    header, *rows = list(csv.reader(io.StringIO(as_csv)))
    assert ",".join(header) == COLUMNS[by]
    as_json = json.loads(run("concentration", "--by", by, "--format", "json", "--data", seeds_data).stdout)
    assert len(rows) > 5
    assert [list(row) for row in as_json] == [header] * len(rows)
    assert [["" if cell is None else str(cell) for cell in row.values()] for row in as_json] == rows


def test_supplier_of_one_customer_by_hand(run: Run, small_data: Path) -> None:
    done = run("concentration", "--by", "supplier", "--basis", "value", "--format", "json", "--data", small_data)
    (row,) = json.loads(done.stdout)
    assert (row["supplier"], row["name"]) == (f"{ID}alpha", "Alpha Limited")
    assert (row["total"], row["share"], row["contracts"], row["buyers"]) == (5000000.0, 1.0, 1, 1)
    assert (row["hhi_buyers"], row["top_buyer"], row["dependent_buyers"]) == (10000.0, "Ashby Council", 1)


def test_market_of_one_service_place_and_period(run: Run, small_data: Path) -> None:
    scope = ["--by", "market", "--basis", "contracts", "--format", "json", "--data", str(small_data)]
    (whole, *_) = json.loads(run("concentration", *scope, "--service", "payroll").stdout)
    assert (whole["market"], whole["suppliers"], whole["hhi"]) == ("Payroll", 1, 10000.0)
    (later, *_) = json.loads(run("concentration", *scope, "--from", "2016-04-01").stdout)
    assert (later["from"], later["suppliers"], later["hhi"]) == ("2016-04-01", 0, None)
    (then, *_) = json.loads(run("concentration", *scope, "--as-of", "2016-03-31").stdout)
    assert (then["from"], then["to"], then["suppliers"]) == ("2016-03-31", "2016-03-31", 1)


def test_what_is_in_scope_and_does_not_count_is_told(run: Run, seeds_data: Path) -> None:
    done = run("concentration", "--basis", "value", "--data", seeds_data)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "none of the contracts in scope counts; left out: no value known: 1\n"


@pytest.mark.parametrize(("by", "heading"), [("market", "core's"), ("supplier", "between-"), ("buyer", "between-")])
def test_the_structure_that_was_asked_for_is_shown(run: Run, seeds_data: Path, by: str, heading: str) -> None:
    shown = run("concentration", "--by", by, "--structure", "--data", seeds_data)
    assert (shown.returncode, heading in shown.stdout) == (0, True)
    assert heading not in run("concentration", "--by", by, "--data", seeds_data).stdout


def test_a_supplier_does_not_merge_with_itself(run: Run, seeds_data: Path) -> None:
    done = run("what-if", "merge", "Capita", "capita", "--data", seeds_data)
    assert (done.returncode, done.stdout) == (2, "")
    assert "both names of Capita, which cannot merge with itself" in done.stderr


def test_unknown_service_offers_the_nearest_names(run: Run, small_data: Path) -> None:
    done = run("concentration", "--service", "payrol", "--data", small_data)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("civicgraph: no service type is called 'payrol'; the nearest: Payroll")


def test_what_if_a_supplier_fails(run: Run, small_data: Path) -> None:
    shown = run("what-if", "fails", "Alpha Limited", "--as-of", "2015-01-01", "--data", small_data)
    assert shown.returncode == 0
    assert shown.stdout.startswith("If Alpha Limited fails on 2015-01-01: 1 customers")
    as_json = run("what-if", "fails", "alpha", "--as-of", "2015-01-01", "--format", "json", "--data", small_data)
    found = json.loads(as_json.stdout)
    assert (found["supplier"], found["customers"], found["contracts"]) == (f"{ID}alpha", 1, 1)
    assert {hit["buyer"] for hit in found["hits"]} == {"Ashby Council"}
    nobody = run("what-if", "fails", "Ashby Council", "--data", small_data)
    assert (nobody.returncode, "nobody is known to be hit" in nobody.stdout) == (0, True)
    unknown = run("what-if", "fails", "Alfa Limited", "--data", small_data)
    assert (unknown.returncode, "the nearest: Alpha Limited" in unknown.stderr) == (2, True)


def test_a_supplier_whose_ties_have_ended_hits_nobody(run: Run, seeds_data: Path) -> None:
    after = run("what-if", "fails", "capita", "--as-of", "2030-01-01", "--data", seeds_data)
    assert after.stdout.splitlines() == [
        "Capita has no tie that holds on 2030-01-01: nobody is known to be hit.",
        "Its last tie ended on 2021-03-31: ask about a day before that with --as-of.",
    ]


def test_a_past_acquisition_is_replayed_on_its_eve(run: Run, seeds_data: Path) -> None:
    done = run("what-if", "merge", "Serco", "Intelenet Global Services", "--format", "json", "--data", seeds_data)
    found = json.loads(done.stdout)
    assert found["day"] == "2011-05-24"
    assert found["notes"][0] == "replayed: Serco acquires Intelenet Global Services (2011)"
    assert found["markets"][0]["delta"] == 0
    shown = run("what-if", "merge", "capita", "east-kent-services", "--data", seeds_data)
    assert shown.returncode == 0
    assert max(map(len, shown.stdout.splitlines())) <= 80
    # In IT one customer to three: 2,500 + 5,625 before, all of it after.
    rows = run("what-if", "merge", "capita", "east-kent-services", "--format", "csv", "--data", seeds_data).stdout
    in_it = next(row for row in csv.DictReader(io.StringIO(rows)) if row["market"] == "IT services")
    assert (in_it["hhi_before"], in_it["hhi_after"], in_it["delta"]) == ("6250.0", "10000.0", "3750.0")


def test_stored_queries_answer_as_over_http(run: Run, seeds_data: Path, seeds: TestClient) -> None:
    for name, params in (
        ("suppliers-by-customers", {}),
        ("customers-of", {"supplier": "organisation/east-kent-services"}),
        ("suppliers-of", {"council": "canterbury city council"}),
    ):
        given = [word for one, value in params.items() for word in ("--param", f"{one}={value}")]
        for form in ("csv", "json", "ndjson"):
            done = run("query", name, *given, "--format", form, "--data", seeds_data)
            over_http = seeds.get(f"/queries/{name}.{form}", params=params).text
            assert (done.returncode, done.stdout.replace("\r\n", "\n")) == (0, over_http.replace("\r\n", "\n"))
    table = run("query", "customers-of", "--data", seeds_data)
    # Where four columns share eighty, a name may go on in the next line.
    assert "Canterbury City " in table.stdout


def test_stored_queries_are_listed(run: Run, seeds: TestClient, tmp_path: Path) -> None:
    listed = run("query", "--list").stdout
    for one in seeds.get("/queries").json():
        assert f"{one['name']}\n" in listed
        assert all(f"--param {param}=" in listed for param in one["parameters"])
    (tmp_path / "near.rq").write_text("# Near: numbers.\n# @param n integer 3 The number\nSELECT ?n {}\n")
    assert (
        "near\n    Near: numbers.\n    --param n=INTEGER: The number; 3\n"
        in run("query", "--list", "--queries", tmp_path).stdout
    )


@pytest.mark.parametrize(
    ("words", "what", "remedy"),
    [
        (["customers-of", "--param", "buyer=x"], "unknown parameter 'buyer'; known are: supplier", "query --list"),
        (["customers-of", "--param", "supplier"], "--param supplier has no value", "NAME=VALUE"),
        (["customers-of", "--param", "supplier=urn:a b"], "nothing is known of supplier 'urn:a b'", "query --list"),
        (["customers-of", "--param", "supplier=Capitta"], "the nearest: Capita", "query --list"),
        (
            ["customers-off", "--param", "supplier=x"],
            "there is no stored query or file 'customers-off'",
            "customers-of",
        ),
        (["customers-of", "--format", "xml"], "a stored query is not xml", "table, csv, json, ndjson"),
        (["SELECT * {}", "--format", "ndjson"], "ndjson is for stored queries", "--format"),
        ([], "there is no query", "query --list"),
    ],
)
def test_stored_queries_that_cannot_be_asked(
    run: Run, seeds_data: Path, words: list[str], what: str, remedy: str
) -> None:
    done = run("query", *words, "--data", seeds_data)
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert what in first
    assert remedy in second


def test_the_folder_may_be_named_before_the_command(run: Run, small_data: Path, seeds_data: Path) -> None:
    shown = run("sources", "--data", small_data).stdout
    assert run("--data", small_data, "sources").stdout == shown
    assert run("--data", seeds_data, "sources", "--data", small_data).stdout == shown
    assert run("--data", seeds_data, "sources").stdout != shown
    assert "CIVICGRAPH_DATA" not in os.environ


def test_commands_and_addresses_have_one_default(run: Run, seeds: TestClient, seeds_data: Path) -> None:
    done = run("concentration", "--format", "json", "--data", seeds_data)
    assert json.loads(done.stdout) == seeds.get("/concentration.json").json()


def test_a_misspelt_query_is_offered_the_nearest(run: Run, small_data: Path) -> None:
    done = run("query", "customers-off", "--data", small_data)
    assert done.returncode == 2
    assert "there is no stored query or file 'customers-off'" in done.stderr
    assert "the nearest: customers-of, " in done.stderr


def test_names_are_not_cut_to_letters_on_a_narrow_terminal(
    run: Run, seeds_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OUT, "width", 60)
    done = run("concentration", "--by", "supplier", "--data", seeds_data)
    assert "East Kent Services" in done.stdout
    assert max(map(len, done.stdout.split("The terminal is too narrow for: ")[0].splitlines())) <= 60
    assert "--format csv has every column" in done.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("civicgraph query cust", "customers-of"),
        ("civicgraph concentration --data DATA --service PAY", "PAYroll"),
        ("civicgraph --data DATA concentration --supplier east", "east Kent Services"),
        ("civicgraph what-if fails --data DATA cap", "capita"),
    ],
)
def test_the_shell_completes_what_the_data_names(command: Path, seeds_data: Path, words: str, offered: str) -> None:
    words = words.replace("DATA", str(seeds_data))
    asked = {"_CIVICGRAPH_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    done = subprocess.run([command], env={**os.environ, **asked}, capture_output=True, text=True, check=True)
    assert offered in done.stdout.splitlines()


@pytest.mark.parametrize(
    "words",
    [*((name,) for name in COMMANDS if name not in ("what-if", "claims")), ("what-if", "fails"), ("claims", "show")],
)
def test_every_help_has_an_example(run: Run, words: tuple[str, ...]) -> None:
    assert f"Example: civicgraph {' '.join(words)}" in " ".join(run(*words, "--help").stdout.split())
