"""Superset's way in: SQL by shillelagh's SQLAlchemy dialect, with the adapter that it has for JSON."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

pytestmark = pytest.mark.filterwarnings("ignore:The dbapi.. classmethod:sqlalchemy.exc.SADeprecationWarning")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.chdir(tmp_path)  # its cache is a file of the working folder
    kwargs = {"genericjsonapi": {"cache_expiration": -1}}
    made = create_engine("shillelagh+safe://", adapters=["genericjsonapi"], adapter_kwargs=kwargs)
    yield made
    made.dispose()


def rows(engine: Engine, sql: str, url: str = "") -> list[tuple[Any, ...]]:
    """Return what SQL gives, in which TABLE is the table at an address."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql.replace("TABLE", f'"{url}"')))]


def table(address: str, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx2.get(f"{address}/{path}", timeout=60).json()
    return found


def test_query_of_the_page(engine: Engine, address: str, snippet: Callable[..., str]) -> None:
    found = rows(engine, snippet("superset.md", "sql"))
    suppliers: dict[str, set[str]] = {}
    for row in table(address, "tables/dependencies.json?certainty=asserted&_size=max"):
        suppliers.setdefault(row["buyer"], set()).add(row["supplier"])
    assert found == sorted(((buyer, len(who)) for buyer, who in suppliers.items()), key=lambda row: (-row[1], row[0]))
    assert found


def test_python_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snippet: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(snippet("superset.md", "python"), {})  # noqa: S102 - the project's own page
    assert "East Kent Services 3" in capsys.readouterr().out.splitlines()


def test_every_table_is_one_of_sql(engine: Engine, address: str) -> None:
    for name in (one["name"] for one in table(address, "tables")):
        expected = table(address, f"tables/{name}.json?_size=max")
        if not expected:
            continue  # the page says what becomes of a table without rows
        columns = ", ".join(f'"{column}"' for column in expected[0])
        found = rows(engine, "SELECT * FROM TABLE".replace("*", columns), f"{address}/tables/{name}.json?_size=max")
        assert found == [tuple(row.values()) for row in expected], name


def test_columns_as_superset_looks_them_up(engine: Engine, address: str) -> None:
    looked_up = inspect(engine)
    assert looked_up.get_schema_names() == ["main"]
    columns = {
        column["name"]: str(column["type"]) for column in looked_up.get_columns(f"{address}/tables/suppliers.json")
    }
    texts, numbers = dict.fromkeys(("supplier", "iri"), "TEXT"), dict.fromkeys(("awarded", "received"), "REAL")
    assert columns == {**texts, "customers": "INTEGER", **numbers}


def test_whole_numbers_are_compared_as_the_page_says(engine: Engine, address: str) -> None:
    starts = [row["start"] for row in table(address, "tables/claims.json?_size=max")]
    url = f"{address}/tables/claims.json?_size=max"
    sql = 'SELECT MAX(CAST("start" AS INTEGER)), SUM("start"), SUM("start" > 1000) FROM TABLE'
    assert rows(engine, sql, url) == [(max(starts), sum(starts), sum(start > 1000 for start in starts))]
    ((as_text,),) = rows(engine, 'SELECT MAX("start") FROM TABLE', url)
    assert as_text == max(map(str, starts)) != str(max(starts))  # where this fails, the page need not warn any more


def test_what_it_says_of_faults(engine: Engine, address: str) -> None:
    with pytest.raises(DBAPIError, match="Unsupported table"):
        rows(engine, "SELECT * FROM TABLE", f"{address}/tables/dependencies.json?council=nowhere")
    with pytest.raises(DBAPIError, match="has no columns"):
        rows(engine, "SELECT * FROM TABLE", f"{address}/tables/spend.json")
    with pytest.raises(DBAPIError, match="Unsupported table"):
        rows(engine, "SELECT * FROM TABLE", f"{address}/tables/suppliers.csv")


def test_stored_query_is_a_table(engine: Engine, address: str) -> None:
    found = rows(engine, "SELECT * FROM TABLE", f"{address}/queries/platforms.json")
    assert found == [tuple(row.values()) for row in table(address, "queries/platforms.json")]
