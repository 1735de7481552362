"""What recipes of the pages add up to: the figures of the same data, though some rows are guarded."""

import csv
import io
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import create_engine, text

from tests.api.clients.conftest import DOCUMENTED, PAGES

Figures = Callable[[str], dict[str, float]]


def blocks(name: str, language: str, address: str) -> list[str]:
    page = (PAGES / name).read_text(encoding="utf-8")
    return [one.replace(DOCUMENTED, address) for one in re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)]


def without_nothing(sums: dict[str, float]) -> dict[str, float]:
    return {name: round(total, 2) for name, total in sums.items() if total}


def test_pandas(at_records: str, figures: Figures) -> None:
    names: dict[str, Any] = {}
    for block in blocks("pandas.md", "python", at_records):
        if "by_supplier" in block or "left_out" in block or "def pages" in block:
            exec(block, names)  # noqa: S102 - the project's own page
    assert without_nothing(dict(names["by_supplier"])) == figures("value") != {}
    assert dict(names["left_out"])["guarded as framework-ceiling"] == pytest.approx(400_000_000)
    assert round(names["paid"], 2) == round(sum(figures("spend").values()), 2)


@pytest.mark.filterwarnings("ignore:The dbapi.. classmethod:sqlalchemy.exc.SADeprecationWarning")
def test_superset(at_records: str, figures: Figures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # its cache is a file of the working folder
    kwargs = {"genericjsonapi": {"cache_expiration": -1}}
    engine = create_engine("shillelagh+safe://", adapters=["genericjsonapi"], adapter_kwargs=kwargs)
    (sql,) = [one for one in blocks("superset.md", "sql", at_records) if "SUM(counted)" in one]
    with engine.connect() as connection:
        found = [(row.supplier, float(row.pounds)) for row in connection.execute(text(sql))]
    engine.dispose()
    assert without_nothing(dict(found)) == figures("value")
    assert found == sorted(found, key=lambda row: (-row[1], row[0]))


def test_power_query_types_what_is_added_up(at_records: str, figures: Figures) -> None:
    code = blocks("power-bi.md", "powerquery", at_records)[0]
    typed = dict(re.findall(r'\{"(\w+)", type (\w+)\}', code))
    assert typed["counted"] == "number"
    answer = httpx2.get(f"{at_records}/tables/contracts.csv?_size=max")
    sums: dict[str, float] = defaultdict(float)
    for row in csv.DictReader(io.StringIO(answer.text, newline="")):
        sums[row["supplier"]] += float(row["counted"] or 0)
    assert without_nothing(sums) == figures("value")


def test_observable_adds_up_by_kind(at_records: str, figures: Figures) -> None:
    assert "d3.sum(rows, row => row.counted), row => row.kind" in (PAGES / "observable.md").read_text(encoding="utf-8")
    sums: dict[str, float] = defaultdict(float)
    for row in httpx2.get(f"{at_records}/tables/dependencies.json?_size=max").json():
        sums[row["kind"]] += row["counted"] or 0
    expected = {kind: sum(figures(basis).values()) for kind, basis in (("contract", "value"), ("spend", "spend"))}
    assert without_nothing(sums) == without_nothing(expected)


def test_grafana_repeats_a_filter_for_either(at_records: str, figures: Figures) -> None:
    assert "(`buyer=...&buyer=...`)" in (PAGES / "grafana.md").read_text(encoding="utf-8")
    params = {"_size": "max", "supplier": ["Alpha Ltd", "Beta Ltd"]}
    rows = httpx2.get(f"{at_records}/tables/contracts.json", params=params).json()
    known = figures("value")
    assert round(sum(row["counted"] or 0 for row in rows), 2) == round(known["Alpha Ltd"] + known["Beta Ltd"], 2)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r(at_records: str, figures: Figures) -> None:
    (said,) = re.findall(r"`(aggregate\(.*?\))`", (PAGES / "r.md").read_text(encoding="utf-8"))
    code = f'contracts <- read.csv("{at_records}/tables/contracts.csv?_size=max", na.strings = "")\n'
    code += f"found <- {said}\nwriteLines(paste(found$supplier, found$counted, sep = '\\t'))"
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True)
    found = {name: float(total) for name, _, total in (line.partition("\t") for line in done.stdout.splitlines())}
    assert without_nothing(found) == figures("value")
