"""load, documents, sources, unload, check: what is in the data folder, and what each command says of it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from civicgraph.graph.snapshot.snapshot import DataFolder

Run = Callable[..., CompletedProcess[str]]


def version(data: Path) -> str:
    manifest = DataFolder(data).manifest()
    assert manifest is not None
    return manifest.version


def exported(run: Run, data: Path, tmp_path: Path) -> bytes:
    path = tmp_path / "all.trig"
    assert run("export", "trig", "-o", path, "--data", data).returncode == 0
    return path.read_bytes()


def test_load_says_what_became_of_the_records(run: Run, files: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = run("load", "claims", files / "small.yaml", "--report", report, "--data", tmp_path / "data")
    assert (done.returncode, done.stdout) == (0, "")
    counts, unquoted = done.stderr.splitlines()
    assert counts == "read 34, loaded 34, guarded 0, rejected 0"
    assert "not at hand" in unquoted
    assert "`civicgraph documents DIR`" in unquoted
    assert json.loads(report.read_text()) == {
        "read": 34,
        "loaded": 34,
        "guarded": {},
        "rejected": {},
        "warned": {},
        "pounds": {},
        "kinds": {},
        "rejects_file": None,
        "changes": {},
    }


FAULTS = [
    # What stands in the file, what is written there instead, and what is said of it.
    ("{provider: organisation/alpha", "{providr: organisation/alpha", "providr: unknown field 'providr'; did you mean"),
    ("ashby-council, at: 0-42", "ashby-council, at: 0-420", "at: 0-420 lies outside the document; the document has"),
    (
        "serviceType: payroll",
        "serviceType: pay-roll",
        "serviceType: 'pay-roll' is not a service type; did you mean",
    ),
    ("date: 2016,", "date: someday,", "date: 'someday' is not a date; give a day (2014-03-03)"),
]


def test_five_faults_at_once_are_told_and_the_rest_loads(run: Run, files: Path, tmp_path: Path) -> None:
    text = (files / "small.yaml").read_text(encoding="utf-8")
    for good, bad, _ in FAULTS:
        text = text.replace(good, bad, 1)
    text = re.sub(r"sha256: \w+", f"sha256: {'0' * 64}", text)
    claims, report = tmp_path / "claims.yaml", tmp_path / "report.json"
    claims.write_text(text, encoding="utf-8")
    run("documents", files, "--data", tmp_path / "data")

    done = run("load", "claims", claims, "--report", report, "--data", tmp_path / "data")

    assert done.returncode == 0
    told = done.stderr.splitlines()
    lines = {bad: text[: text.index(bad)].count("\n") + 1 for _, bad, _ in FAULTS}
    for _, bad, message in FAULTS:
        field = re.escape(message)
        assert [
            line for line in told if re.match(rf"rejected: claims\.yaml:{lines[bad]}: claims\.\S+\.{field}", line)
        ], bad
    line = text[: text.index("sha256")].count("\n") + 1
    mismatch = f"warning: claims.yaml:{line}: document.sha256: digest mismatch: the article.txt at hand has "
    assert [line for line in told if line.startswith(mismatch)]
    counts = json.loads(report.read_text())
    assert set(counts) == {
        "read",
        "loaded",
        "guarded",
        "rejected",
        "warned",
        "pounds",
        "kinds",
        "rejects_file",
        "changes",
    }
    assert (counts["read"], counts["loaded"], counts["guarded"]) == (34, 30, {})
    assert sum(counts["rejected"].values()) == 4
    rejects = [json.loads(entry) for entry in Path(counts["rejects_file"]).read_text(encoding="utf-8").splitlines()]
    assert sorted(reject["line"] for reject in rejects) == sorted(lines.values())
    assert f"rejected records with their reasons: {counts['rejects_file']}" in told
    shown = run("sources", "--json", "--data", tmp_path / "data")
    assert json.loads(shown.stdout)[0]["rejected"] == counts["rejected"]


def test_many_faults_of_one_kind_hide_no_other(run: Run, tmp_path: Path) -> None:
    rows = [f"Firm {n},soon,{n}.5" for n in range(40)] + ["Firm,2024-01-02,much", "Firm,2024-01-03,7.25"]
    table = tmp_path / "leeds__2024.csv"
    table.write_text("Supplier,Date,Amount\n" + "\n".join(rows) + "\n", encoding="utf-8")
    done = run("load", "spend", table, "--data", tmp_path / "data")
    told = [line for line in done.stderr.splitlines() if line.startswith("rejected: ")]
    assert [line.split(": ")[2] for line in told[:-1]] == [*["date"] * 5, "amount"]
    assert told[-1] == "rejected: ... and 35 more; most often 40 date, 1 amount"


def test_pounds_of_a_kind_have_no_other_currency_in_them(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "leeds__2024.csv"
    table.write_text("Supplier,Date,Amount,Currency\nA Ltd,2024-01-02,750,GBP\nB GmbH,2024-01-03,20,EUR\n", "utf-8")
    done = run("load", "spend", table, "--data", tmp_path / "data")
    told = [line.strip() for line in done.stderr.splitlines() if line.startswith("  ")]
    assert told[:3] == [
        "loaded: 2, £750.00",
        "of these in EUR: 1, 20.00",
        "of these without a service type: 2, £750.00",
    ]


def test_a_transfer_that_only_who_is_who_tells_is_said(run: Run, tmp_path: Path) -> None:
    for payer, payee, amount in (("northtown", "Easttown", 750), ("easttown", "Alpha Ltd", 20)):
        text = f"Supplier,Date,Amount\n{payee},2024-01-02,{amount}\n"
        (tmp_path / f"{payer}__2024-01.csv").write_text(text, encoding="utf-8")
    done = run("load", "spend", *sorted(tmp_path.glob("*.csv")), "--data", tmp_path / "data")
    # Easttown reports payments of its own, so that it is a public body.
    assert "  of these guarded as public-transfer once it is known who is who: 1, £750.00\n" in done.stderr
    assert "  loaded: 2, £770.00\n" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("broken.yaml", "things: [", "not read: broken.yaml:1: not YAML: "),
        ("broken.yaml", "", "not read: broken.yaml: empty; see docs/claims.md"),
        ("broken.ttl", "<http://a.example/> <http://a.example/> ", "not read: broken.ttl:1: "),
        ("missing.yaml", None, "not read: missing.yaml: No such file or directory; name a readable claims file"),
    ],
)
def test_nothing_usable_is_exit_status_1(run: Run, tmp_path: Path, name: str, content: str | None, told: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    report = tmp_path / "report.json"
    kind = "rdf" if name.endswith(".ttl") else "claims"
    done = run("load", kind, path, "--report", report, "--data", tmp_path / "data")
    assert done.returncode == 1
    assert done.stderr.startswith(told)
    assert json.loads(report.read_text())["loaded"] == 0
    assert run("sources", "--data", tmp_path / "data").returncode == 2


def test_folder_without_claims_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("load", "claims", tmp_path / "empty", "--data", tmp_path / "data")
    assert done.returncode == 1
    assert "empty: a folder without .yaml files" in done.stderr


def test_loading_twice_changes_nothing(run: Run, data: Path, files: Path) -> None:
    before = version(data)
    assert run("load", "claims", files / "small.yaml", "--data", data).returncode == 0
    assert version(data) == before


def test_unloaded_source_leaves_no_trace(run: Run, data: Path, files: Path, tmp_path: Path) -> None:
    before = version(data), exported(run, data, tmp_path)
    run("load", "claims", files / "hostile.yaml", "--data", data)
    run("load", "rdf", files / "addresses.ttl", "--source", "extra", "--data", data)
    assert exported(run, data, tmp_path) != before[1]
    done = run("unload", "hostile", "--data", data)
    assert (done.returncode, done.stderr) == (0, "hostile is unloaded; 2 sources remain\n")
    run("unload", "extra", "--data", data)
    assert (version(data), exported(run, data, tmp_path)) == before


def test_order_of_loading_does_not_show(run: Run, files: Path, tmp_path: Path) -> None:
    paths = [files / "small.yaml", files / "hostile.yaml"]
    for name, order in (("one", paths), ("other", paths[::-1])):
        for path in order:
            run("load", "claims", path, "--data", tmp_path / name)
    assert exported(run, tmp_path / "one", tmp_path) == exported(run, tmp_path / "other", tmp_path)


def test_unknown_source_is_told_with_those_that_are_loaded(run: Run, data: Path) -> None:
    done = run("unload", "smal", "--data", data)
    assert (done.returncode, done.stderr) == (2, "civicgraph: no source is called 'smal'\n  loaded are: small\n")


def test_no_figure_is_cut_where_a_terminal_is_narrow(run: Run, seeds_data: Path) -> None:
    lines = run("sources", "--data", seeds_data).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    rows = [line.split() for line in lines if " claims " in line]
    assert [row[2:] for row in rows] == [[str(read), str(read), "0", "0"] for read in (130, 165, 283, 119, 245)]
    assert sum("Claims of" in line for line in lines) == 5


def test_sources_as_a_table_in_a_pipe(seeds_data: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", "from civicgraph.api.cli import main; main()", "sources", "--data", str(seeds_data)],
        env={name: value for name, value in os.environ.items() if name != "COLUMNS"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0
    heading, *rows = shown.stdout.splitlines()
    assert heading.split() == ["id", "kind", "read", "loaded", "guarded", "rejected"]
    firsts = [row.split() for row in rows if " claims " in row]
    # An id is never broken over two lines: unload takes it as it stands.
    assert [first[0] for first in firsts] == [
        *("000-71e06708302b3ad1", "001-457972718508213a", "002-3df0a76797319c86"),
        *("003-6ba9c2c508475bdd", "004-ba0859b80d58e804"),
    ]
    assert all(first[-4] == first[-3] and first[-2:] == ["0", "0"] for first in firsts)


def test_sources_as_json(run: Run, data: Path) -> None:
    shown = run("sources", "--json", "--data", data)
    assert (shown.returncode, shown.stderr) == (0, "")
    (source,) = json.loads(shown.stdout)
    assert len(source.pop("digest")) == 64
    assert source == {
        "id": "small",
        "kind": "claims",
        "label": "Claims of Example Weekly, 3 March 2014",
        "read": 34,
        "loaded": 34,
        "guarded": {},
        "rejected": {},
        "warned": {},
        "pounds": {},
        "kinds": {},
        "rejects_file": None,
        "changes": {},
    }


def test_documents_are_counted(run: Run, files: Path, tmp_path: Path) -> None:
    done = run("documents", files, "--data", tmp_path / "data")
    assert (done.returncode, done.stderr) == (0, f"{len(list(files.iterdir()))} documents are at hand now\n")
    done = run("documents", tmp_path / "nowhere", "--data", tmp_path / "data")
    assert done.returncode == 2
    assert done.stderr.endswith("nowhere is not a folder\n  name the folder that the articles are in\n")


def test_files_are_put_in_order(run: Run, data: Path) -> None:
    names = ("query", "SELECT ?s ?o { ?s rdfs:label ?o } ORDER BY ?s ?o", "--data", data)
    before = run(*names)
    done = run("optimize", "--data", data)
    assert (done.returncode, "in order" in done.stderr) == (0, True)
    after = run(*names)
    assert (after.returncode, after.stdout) == (0, before.stdout)
    missing = run("optimize", "--data", data.parent / "nothing")
    assert (missing.returncode, "holds no data" in missing.stderr) == (2, True)
