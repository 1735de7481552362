"""A fault ends the command line with one line that says what and one that says what to do, and no traceback."""

import os
import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from civicgraph.api.cli import main
from civicgraph.graph.snapshot.locks import write_lock
from civicgraph.graph.snapshot.snapshot import DataFolder

Run = Callable[..., CompletedProcess[str]]


def told(done: CompletedProcess[str], status: int) -> tuple[str, str]:
    assert (done.returncode, done.stdout) == (status, "")
    what, remedy = done.stderr.splitlines()
    assert what.startswith("civicgraph: ")
    assert remedy.startswith("  ")
    return what.removeprefix("civicgraph: "), remedy.strip()


@pytest.mark.parametrize(
    ("arguments", "what", "remedy"),
    [
        ("load nonsense x", None, None),
        ("load", None, None),
        ("load claims FILE --mapping x.yaml", "--mapping means nothing for claims", "leave it out"),
        ("load claims FILE --source My_Source", "'My_Source' is not a source id", "write it as my-source"),
        ("load claims FACTS --source one", "one source id for 5 files", "load them one by one"),
        ("concentration --from 2014-02-01 --to 2014-01-31", "the period ends (2014-01-31) before it begins", "correct"),
        ("concentration --as-of 2014-01-01 --to 2014-01-31", "a day (as-of) and a period", "correct the"),
        ("concentration --save --plans", "--save keeps figures of what is established", "leave out --plans"),
        ("concentration --place Narnia", "no place is called 'Narnia'", "correct the name"),
        ("export trig -o x --from 2014-01-01", "filters do not apply to trig", "trig holds the whole graph"),
        ("export csv -o x --from 2014-01-01 --to 2013-01-01", "the period ends (2013-01-01) before it", "correct"),
        ("query bad", "there is no stored query or file 'bad'", "the nearest:"),
        ("query bad{}", "this is not a SPARQL 1.1 query: line 1: a query begins with SELECT", "docs/queries.md"),
        ("query INSERT\tDATA{<a:a><a:b><a:c>}", "this is not a SPARQL 1.1 query", "docs/queries.md"),
        ("query ASK{SERVICE<http://127.0.0.1:9/>{?s?p?o}}", "SERVICE is not answered here", "docs/queries.md"),
        ("unload nothing", "no source is called 'nothing'", "loaded are: small"),
    ],
)
def test_misuse_is_exit_status_2(
    run: Run, small_data: Path, files: Path, facts: Path, arguments: str, what: str | None, remedy: str | None
) -> None:
    words = [{"FILE": str(files / "small.yaml"), "FACTS": str(facts)}.get(word, word) for word in arguments.split(" ")]
    done = run(*words, "--data", small_data)
    assert "Traceback" not in done.stderr
    if what is None or remedy is None:
        # What the parser of the command line refuses, it says in its own form.
        assert done.returncode == 2
        assert done.stderr.startswith("Usage: civicgraph load")
        return
    line, advice = told(done, 2)
    assert what in line
    assert remedy in advice


@pytest.mark.parametrize(
    "command",
    ["sources", "unload x", "concentration", "query ASK{}", "export trig -o x", "serve", "check"],
)
def test_folder_without_data(run: Run, tmp_path: Path, command: str) -> None:
    what, remedy = told(run(*command.split(), "--data", tmp_path / "none"), 2)
    assert what == f"{tmp_path / 'none'} holds no data"
    assert remedy == "load some with: civicgraph load claims PATH, or name another folder with --data"
    assert not (tmp_path / "none").exists()


def test_data_folder_from_the_environment(run: Run, small_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVICGRAPH_DATA", str(small_data))
    assert "small" in run("sources").stdout
    assert told(run("sources", "--data", small_data / "none"), 2)


def test_data_folder_where_none_is_named(
    run: Run, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("load", "claims", files / "small.yaml").returncode == 0
    assert DataFolder(tmp_path / "civicgraph-data").manifest() is not None


def test_data_folder_that_is_a_file(run: Run, files: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    what, remedy = told(run("load", "claims", files / "small.yaml", "--data", tmp_path / "data"), 1)
    assert what == f"File exists: {tmp_path / 'data'}"
    assert remedy == "check the path and the disk"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unwritable for the superuser")
def test_data_folder_that_cannot_be_written(run: Run, files: Path, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    what, _ = told(run("load", "claims", files / "small.yaml", "--data", tmp_path / "locked" / "data"), 1)
    assert what.startswith("Permission denied: ")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="only /proc refuses everybody a new folder")
def test_data_folder_on_a_disk_that_takes_nothing(run: Run, files: Path) -> None:
    what, _ = told(run("load", "claims", files / "small.yaml", "--data", "/proc/self/data"), 1)
    assert what.endswith(": /proc/self/data")


def test_data_folder_that_is_busy(run: Run, files: Path, data: Path) -> None:
    with write_lock(data):
        what, remedy = told(run("load", "claims", files / "small.yaml", "--data", data), 1)
    assert what == f"another load is writing to {data}"
    assert remedy == "wait until it has ended"


@pytest.mark.parametrize("content", ["{", "{}", '{"format": 0}', "[]", "\0"])
def test_damaged_manifest(run: Run, data: Path, content: str) -> None:
    (data / "current" / "manifest.json").write_text(content)
    what, _ = told(run("sources", "--data", data), 1)
    assert "manifest.json" in what
    assert "load its sources again" in what


def test_damaged_register_of_documents(run: Run, data: Path, files: Path) -> None:
    (data / "documents.json").write_text("{")
    what, _ = told(run("load", "claims", files / "small.yaml", "--data", data), 1)
    assert "documents.json is damaged; remove it and register the articles again" in what


@pytest.mark.parametrize("form", ["gexf", "graphml", "trig"])
def test_export_to_where_nothing_can_be_written(run: Run, small_data: Path, tmp_path: Path, form: str) -> None:
    path = tmp_path / "none" / "file"
    assert told(run("export", form, "-o", path, "--data", small_data), 1)[0] == f"No such file or directory: {path}"


@pytest.mark.parametrize("kind", ["ocds", "spend", "authorities", "organisations", "cpv"])
def test_kinds_of_sources_are_read_or_said_to_be_missing(run: Run, tmp_path: Path, kind: str) -> None:
    done = run("load", kind, tmp_path / "missing", "--data", tmp_path / "data")
    assert done.returncode in (1, 2)
    assert "civicgraph itself" not in done.stderr
    if done.returncode == 2:
        assert told(done, 2)[0] == f"loading {kind} is not built yet"


def test_port_in_use(run: Run, small_data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        what, remedy = told(run("serve", "--data", small_data, "--port", str(port)), 2)
    assert what == f"cannot listen on 127.0.0.1:{port}: Address already in use"
    assert remedy == "name another with --port or --host"


def test_host_that_is_none(run: Run, small_data: Path) -> None:
    what, _ = told(run("serve", "--data", small_data, "--host", "no.such.host.invalid"), 2)
    assert what.startswith("cannot listen on no.such.host.invalid:8000: ")


def test_debug_shows_where_it_arose(run: Run, small_data: Path) -> None:
    done = run("--debug", "query", "bad{}", "--data", small_data)
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-2].startswith("civicgraph: this is not a SPARQL 1.1 query")


def test_query_that_is_no_text(run: Run, small_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "query.rq"
    path.write_bytes(b"ASK {} # \xe9")
    assert told(run("query", path, "--data", small_data), 2) == (f"{path} is not UTF-8", "save the query as UTF-8")


def test_error_of_the_program_itself_is_owned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise LookupError("a thing that cannot be")

    monkeypatch.setattr("civicgraph.api.cli.app", broken)
    monkeypatch.setattr(sys, "argv", ["civicgraph"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines() == [
        "civicgraph: an error in civicgraph itself: LookupError: a thing that cannot be",
        "  run it again with --debug and report what it prints",
    ]


def test_version_and_help(run: Run) -> None:
    assert re.fullmatch(r"civicgraph \d+\.\d+\.\d+\S*\n", run("--version").stdout)
    shown = run("--help").stdout
    commands = ["demo", "load", "documents", "sources", "unload", "concentration", "query", "export", "serve", "check"]
    for command in commands:
        assert re.search(rf"\b{command}\b", shown)
        assert run(command, "-h").stdout.strip().startswith("Usage: ")
