"""Faults of a server and of the way to it: mended where that is safe, else told; never a part passed off as whole."""

import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest
import urllib3

from civicgraph.graph.engine.errors import (
    AddressError,
    QueryError,
    RemoteBusyError,
    RemoteCutError,
    RemoteError,
    RemoteTimeoutError,
)
from civicgraph.graph.engine.interface import Query, ResultFormat, ResultKind
from civicgraph.graph.engine.remote.address import Address, Secrets
from civicgraph.graph.engine.remote.engine import RemoteEngine
from civicgraph.graph.engine.remote.http import PATIENCE, Connection
from civicgraph.graph.engine.remote.query import Slot
from civicgraph.graph.snapshot.remote.catalogue import Catalogue
from civicgraph.graph.snapshot.remote.folder import RemoteFolder

ROWS = 30
SPARQL = f"SELECT ?x {{ VALUES ?x {{ {' '.join(map(str, range(ROWS)))} }} }}"

FORMATS: dict[ResultKind, ResultFormat] = {"solutions": "csv", "boolean": "json", "graph": "turtle"}

Answer = Callable[["Proxy", bytes], None]


class Proxy(BaseHTTPRequestHandler):
    """Stands between us and the server; the next faults of its list befall the next requests."""

    protocol_version = "HTTP/1.1"
    faults: list[Answer]
    target: str
    seen: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(self.headers.get("Authorization", ""))
        fault = self.faults.pop(0) if self.faults else Proxy.through
        fault(self, body)

    def through(self, body: bytes) -> None:
        self.whole(self.fetch(body))

    def fetch(self, body: bytes) -> tuple[str, bytes]:
        headers = {name: self.headers[name] for name in ("Content-Type", "Accept")}
        answer = urllib3.request("POST", self.target, body=body, headers=headers)
        return answer.headers["Content-Type"], answer.data

    def whole(self, content: tuple[str, bytes], status: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content[0])
        self.send_header("Content-Length", str(len(content[1]) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content[1])

    def log_message(self, *_: object) -> None:
        pass


def status(code: int, **headers: str) -> Answer:
    return lambda proxy, _: proxy.whole(("text/plain", b"not now"), code, None, **headers)


def hang_up(proxy: Proxy, _: bytes) -> None:
    proxy.connection.shutdown(socket.SHUT_RDWR)
    proxy.close_connection = True


def cut_short_of_its_length(proxy: Proxy, body: bytes) -> None:
    kind, content = proxy.fetch(body)
    proxy.whole((kind, content[: len(content) // 2]), length=len(content))
    proxy.close_connection = True


def cut_between_chunks(proxy: Proxy, body: bytes) -> None:
    kind, content = proxy.fetch(body)
    part = content[: len(content) // 2]
    proxy.send_response(200)
    proxy.send_header("Content-Type", kind)
    proxy.send_header("Transfer-Encoding", "chunked")
    proxy.end_headers()
    proxy.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    proxy.close_connection = True


def cut_and_called_whole(proxy: Proxy, body: bytes) -> None:
    kind, content = proxy.fetch(body)
    proxy.whole((kind, content[:-3]))


def without_an_end(proxy: Proxy, body: bytes) -> None:
    kind, content = proxy.fetch(body)
    proxy.send_response(200)
    proxy.send_header("Content-Type", kind)
    proxy.send_header("Connection", "close")
    proxy.end_headers()
    proxy.wfile.write(content)
    proxy.close_connection = True


def page_for_people(proxy: Proxy, _: bytes) -> None:
    proxy.whole(("text/html", b"<html>Welcome to your new proxy</html>"))


@contextmanager
def broken(port: int, *faults: Answer) -> Iterator[tuple[Address, list[Answer], list[str]]]:
    seen: list[str] = []
    waiting = list(faults)
    handler = type("Handler", (Proxy,), {"faults": waiting, "target": f"http://127.0.0.1:{port}/query", "seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Address.read(f"http://127.0.0.1:{server.server_port}/query"), waiting, seen
        finally:
            server.shutdown()
            thread.join()


def engine(
    address: Address, timeout: float = 60.0, row_limit: int | None = None, patience: float = PATIENCE
) -> RemoteEngine:
    connection = Connection(address, timeout=timeout)
    connection.patience = patience
    return RemoteEngine(connection, Slot("x-1", "v", ("http://g/",), row_limit))


def values(asked: RemoteEngine, sparql: str = SPARQL) -> list[str]:
    return [row["x"].value for row in asked.select(sparql) if row["x"] is not None]


@pytest.mark.parametrize("fault", [status(503), status(429, Retry_After="0"), status(502), status(504), hang_up])
def test_a_query_is_asked_again_before_its_first_byte(fault: Answer, port: int) -> None:
    with broken(port, fault, fault) as (address, waiting, seen):
        assert len(values(engine(address))) == ROWS
        assert (waiting, len(seen)) == ([], 3)


def test_a_server_that_asks_for_too_long_a_pause_is_told_of(port: int) -> None:
    with (
        broken(port, status(503, Retry_After="3600")) as (address, _, seen),
        pytest.raises(RemoteBusyError, match="is busy"),
    ):
        values(engine(address))
    assert len(seen) == 1


def test_a_server_that_stays_busy_is_told_of(port: int) -> None:
    with broken(port, *[status(503, Retry_After="0")] * 20) as (address, _, seen), pytest.raises(RemoteBusyError):
        values(engine(address, patience=1.5))
    assert 2 < len(seen) < 20


@pytest.mark.parametrize("fault", [cut_short_of_its_length, cut_between_chunks])
def test_a_cut_in_the_middle_is_no_result(fault: Answer, port: int) -> None:
    with broken(port, fault) as (address, _, __), pytest.raises(RemoteCutError, match="was cut after"):
        values(engine(address))


@pytest.mark.parametrize("fault", [cut_and_called_whole, page_for_people])
def test_what_has_no_end_of_its_own_is_no_result(fault: Answer, port: int) -> None:
    with broken(port, fault) as (address, _, __), pytest.raises(RemoteCutError, match="is not whole"):
        values(engine(address))


def test_triples_that_nothing_says_the_end_of_are_refused(port: int) -> None:
    with broken(port, without_an_end) as (address, _, __), pytest.raises(RemoteCutError, match="where its triples end"):
        engine(address).write_answer(Query("CONSTRUCT { <x:a> <x:b> 1 } {}", FORMATS), lambda _: io.BytesIO())


def test_rows_cut_at_a_limit_are_counted_a_second_way(port: int) -> None:
    many = f"SELECT ?x {{ VALUES ?x {{ {' '.join(map(str, range(1000)))} }} }}"
    with broken(port) as (address, waiting, __):
        assert len(values(engine(address), many)) == 1000
        # A limit that is known: all rows come in pages, and what would be cut is refused before it begins.
        limited = engine(address, row_limit=300)
        assert values(limited, many) == values(engine(address), f"{many} ORDER BY ?x")
        assert values(limited, f"{many} ORDER BY DESC(?x) LIMIT 2") == ["999", "998"]
        with pytest.raises(RemoteCutError, match="300 of 700"):
            values(limited, f"{many} ORDER BY DESC(?x) LIMIT 700")
        with pytest.raises(RemoteCutError, match="300 of 1,000"):
            limited.write_answer(Query(many, FORMATS), lambda _: io.BytesIO())
        # One that is not known shows as a round number that is less than the count.
        larger = f"SELECT ?x {{ VALUES ?x {{ {' '.join(map(str, range(1010)))} }} }}"
        waiting.append(_thousand)
        with pytest.raises(RemoteCutError, match="1,000 of 1,010"):
            values(engine(address), larger)


def _thousand(proxy: Proxy, body: bytes) -> None:
    kind, content = proxy.fetch(body)
    results = json.loads(content)
    if "results" in results:
        results["results"]["bindings"] = results["results"]["bindings"][:1000]
    proxy.whole((kind, json.dumps(results).encode()))


def test_a_limit_of_rows_is_found(port: int) -> None:
    with broken(port, *[_thousand] * 20) as (address, waiting, __):
        assert Catalogue(Connection(address)).row_limit == 1000
        waiting.clear()
        assert Catalogue(Connection(address)).row_limit is None


def test_an_answer_that_does_not_come_in_time_is_told_of(port: int) -> None:
    released = threading.Event()

    def slow(proxy: Proxy, body: bytes) -> None:
        released.wait(60)
        proxy.through(body)

    with broken(port, slow) as (address, _, __):
        try:
            with pytest.raises(RemoteTimeoutError, match="did not answer in time"):
                values(engine(address, timeout=0.5))
        finally:
            released.set()


def test_nobody_there_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = Address.read(f"http://127.0.0.1:{taken.getsockname()[1]}/query")
        with pytest.raises(RemoteError, match=r"^127\.0\.0\.1:\d+ cannot be reached: .*; check the address"):
            values(engine(nowhere, timeout=2.0, patience=0.5))


@pytest.mark.parametrize(("code", "kind", "says"), [
    (401, RemoteError, "refuses us"), (403, RemoteError, "CIVICGRAPH_STORE_TOKEN"),
    (404, RemoteError, "answers nothing there"), (301, RemoteError, "elsewhere"), (413, RemoteError, "length"),
    (500, RemoteError, "failed"), (400, QueryError, "not now"),
])  # fmt: skip
def test_a_refusal_says_what_and_what_to_do(code: int, kind: type[Exception], says: str, port: int) -> None:
    with broken(port, status(code)) as (address, _, __), pytest.raises(kind, match=says):
        values(engine(address))


def test_a_secret_is_sent_and_never_shown(port: int) -> None:
    secret = "s3cr3t"  # noqa: S105 - what is looked for
    secrets = Secrets.from_environment({"CIVICGRAPH_STORE_USER": "me", "CIVICGRAPH_STORE_PASSWORD": secret})
    bearer = Secrets.from_environment({"CIVICGRAPH_STORE_TOKEN": secret, "CIVICGRAPH_STORE_HEADER": "X-Key: k"})
    assert bearer.fields == {"Authorization": f"Bearer {secret}", "X-Key": "k"}
    with broken(port, status(401)) as (address, _, seen):
        connection = Connection(address, secrets)
        with pytest.raises(RemoteError) as refused, connection.send(address.query, {}, b"query=x"):
            pass
    assert seen == ["Basic bWU6czNjcjN0"]
    assert not any(sign in repr((secrets, connection, refused.value)) for sign in (secret, "bWU6"))


@pytest.mark.parametrize("environment", [
    {"CIVICGRAPH_STORE_USER": "me"}, {"CIVICGRAPH_STORE_HEADER": "no colon"},
    {"CIVICGRAPH_STORE_HEADER": "X: a\r\nY: b"}, {"CIVICGRAPH_STORE_TOKEN": "a\nb"},
    {"CIVICGRAPH_STORE_USER": "me", "CIVICGRAPH_STORE_PASSWORD": "a", "CIVICGRAPH_STORE_TOKEN": "b"},
])  # fmt: skip
def test_secrets_that_do_not_go_together_are_refused(environment: dict[str, str]) -> None:
    with pytest.raises(AddressError) as refused:
        Secrets.from_environment(environment)
    assert not any(value in str(refused.value) for value in environment.values() if len(value) > 2)


@pytest.mark.parametrize("url", ["localhost:7878", "ftp://e/", "http://", "http://me:pw@host/sparql", "http://h/q#a b"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(AddressError) as refused:
        Address.read(url)
    assert "pw" not in str(refused.value).replace("password", "")


def test_a_server_over_a_broken_one_tells_of_it(
    serving_over: Callable[..., AbstractContextManager[str]], remote_seeds: RemoteFolder, port: int, tmp_path: Path
) -> None:
    faults = {
        b"busy": status(503, Retry_After="3600"),
        b"broken": status(500),
        b"cut": cut_between_chunks,
    }

    def fault(proxy: Proxy, body: bytes) -> None:
        proxy.faults.append(fault)
        named = (answer for name, answer in faults.items() if b"SELECT+%3F" + name in body)
        next(named, Proxy.through)(proxy, body)

    def query(name: str, rows: int) -> dict[str, str]:
        return {"query": f"SELECT ?{name} {{ VALUES ?{name} {{ {' '.join(map(str, range(rows)))} }} }}"}

    with broken(port, fault) as (address, _, __):
        store = replace(address, name=remote_seeds.connection.address.name)
        with serving_over(store, tmp_path) as url, httpx2.Client(base_url=url, timeout=60) as client:
            assert client.get("/sparql", params=query("fine", 10)).status_code == 200
            for name, code, says in (
                ("busy", 503, "is busy"),
                ("broken", 502, "failed"),
                ("cut", 502, "cut"),
            ):
                refused = client.get("/sparql", params=query(name, 10))
                assert (refused.status_code, refused.headers["content-type"]) == (code, "application/problem+json")
                assert says in refused.json()["detail"]
                assert ("retry-after" in refused.headers) == (name == "busy")
            # What has begun to travel is cut off here too, and no client can take it for the whole.
            # Where compression has held all of it back, there is still time to say so.
            with suppress(httpx2.RemoteProtocolError):
                cut = client.get("/sparql", params=query("cut", 900), headers={"Accept-Encoding": "gzip"})
                assert (cut.status_code, cut.json()["title"]) == (503, "The answer was cut off")
            plain = {"Accept-Encoding": "identity"}
            with client.stream("GET", "/sparql", params=query("cut", 901), headers=plain) as begun:
                assert begun.status_code == 200
                with pytest.raises(httpx2.RemoteProtocolError):
                    begun.read()
            assert client.get("/sparql", params=query("fine", 11)).status_code == 200
            assert 'civicgraph_queries_total{end="store"} 5.0' in client.get("/metrics").text
            faults[b""] = hang_up  # for whatever is asked, pages too
            assert client.get("/contradictions").status_code == 502
