"""A request that comes again is answered before a task is made of it: the answer must be the same, to the byte."""

import json
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_claims

Serve = Callable[..., tuple[subprocess.Popen[str], str]]

COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
TRUE, FALSE = b'{"head":{},"boolean":true}', b'{"head":{},"boolean":false}'


class Connection:
    """A connection that is kept, and says what came back to the byte."""

    def __init__(self, made: socket.socket) -> None:
        self._socket = made
        self._rest = b""

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def response(self, *, has_body: bool = True) -> tuple[bytes, bytes]:
        """Read one response: its head without the date, and its body."""
        while b"\r\n\r\n" not in self._rest:
            self._more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        assert length is not None, head
        size = int(length[1]) if has_body else 0
        while len(self._rest) < size:
            self._more()
        body, self._rest = self._rest[:size], self._rest[size:]
        return re.sub(rb"date: [^\r]*\r\n", b"", head), body

    def until(self, last: bytes) -> bytes:
        """Read until what came ends with something."""
        while not self._rest.endswith(last):
            self._more()
        whole, self._rest = self._rest, b""
        return whole

    def until_closed(self) -> bytes:
        """Read until the server closes."""
        parts = [self._rest]
        while part := self._socket.recv(1 << 16):
            parts.append(part)
        return b"".join(parts)

    def ends(self) -> bool:
        """Wait until the server closes, and return whether nothing came before."""
        return self._socket.recv(1) == b""

    def _more(self) -> None:
        part = self._socket.recv(1 << 16)
        assert part, "the server has closed"
        self._rest += part


@pytest.fixture(scope="module")
def served_small(served: Callable[..., AbstractContextManager[str]], small_data: Path) -> Iterator[str]:
    """Serve a small data folder to all tests that change nothing."""
    with served(small_data) as url:
        yield url


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 0), 60) as made:
        yield Connection(made)


def request(query: str, method: str = "GET", more: str = "") -> bytes:
    return f"{method} /sparql?query={quote(query)} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n{more}\r\n".encode()


def metric(connection: Connection, name: str) -> float:
    connection.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    found = re.search(rf"^{name} (\S+)$", connection.response()[1].decode(), re.MULTILINE)
    assert found is not None
    return float(found[1])


def test_what_is_asked_again_is_answered_the_same_until_the_data_changes(
    serve: Serve, data: Path, files: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    running, url = serve(data, "--access-log", str(log))
    with connected(url) as one, connected(url) as other:
        answers = []
        for _ in range(5):
            one.send(request(COUNT))
            answers.append(one.response())
        assert len(set(answers)) == 1
        assert answers[0][1].startswith(b"n\r\n")
        other.send(request(COUNT))
        assert other.response() == answers[0]
        assert metric(one, "civicgraph_cache_hits_total") >= 3
        # A HEAD has the same head, and no body: what follows it is the next response.
        for _ in range(4):
            one.send(request(COUNT, "HEAD"))
            assert one.response(has_body=False)[0] == answers[0][0]
    manifest = load_claims(DataFolder(data), [files / "hostile.yaml"]).manifest
    assert manifest is not None
    # A connection that has been idle for some seconds is closed, and a load may take longer than that.
    with connected(url) as later:
        for _ in range(4):
            later.send(request(COUNT))
            head, body = later.response()
            assert manifest.version.encode() in head
            assert int(body.split()[1]) == manifest.quads
    # A line is written once its answer has gone out: only a server that has ended has written all.
    running.terminate()
    running.wait(120)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    asked = [line for line in lines if line["path"] == "/sparql"]
    assert {line["status"] for line in asked} == {200}
    assert {line["method"] for line in asked} == {"GET", "HEAD"}
    assert len(asked) == 14
    assert len({line["query"] for line in asked}) == 1


def test_requests_in_parts_and_in_a_row(serve: Serve, small_data: Path) -> None:
    _, url = serve(small_data)
    first, second = request("ASK {}"), request("ASK { ?s ?p 1 }")
    with connected(url) as connection:
        connection.send(first)
        true = connection.response()
        connection.send(second)
        false = connection.response()
        assert (true[1], false[1]) == (TRUE, FALSE)
        for _ in range(4):
            connection.send(first)
            assert connection.response() == true
        # Half a request, then the rest together with another: nothing of them may be taken for a whole one.
        connection.send(second[:30])
        connection.send(second[30:] + first)
        assert [connection.response(), connection.response()] == [false, true]
        connection.send(first + second + first)
        assert [connection.response() for _ in range(3)] == [true, false, true]
        # Two at once are not one that may come again.
        for _ in range(3):
            connection.send(first + second)
            assert [connection.response(), connection.response()] == [true, false]
        closing = request("ASK {}", more="Connection: close\r\n")
        for _ in range(3):
            with connected(url) as short:
                short.send(closing)
                assert short.response()[1] == TRUE


@pytest.mark.parametrize(
    "query",
    [
        "ASK {}",
        "SELECT ?s ?label { ?s rdfs:label ?label FILTER (?label != 'Caf\u00e9') } LIMIT 3",
        "SELECT * { ?s ?p ?o } LIMIT 300",
        "SELECT (NOW() AS ?now) {}",
        "ASK { ?s <relative> ?o }",
        "ASK {",
        "ASK { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
    ],
)
@pytest.mark.parametrize("more", ["", "Accept-Encoding: gzip\r\n", "Origin: http://a.example\r\n"])
def test_an_answer_is_the_same_from_the_cache_and_not(served_small: str, query: str, more: str) -> None:
    with connected(served_small) as connection:
        connection.send(request("ASK { ?s ?p 2 }"))  # so that there is a worker
        connection.response()
        heads, bodies = set(), set()
        # With the last header the application looks into the cache, and not the server before it.
        for way in (more, more, more, f"{more}Forwarded: for=x\r\n"):
            connection.send(request(query, more=way))
            if "LIMIT 300" in query:
                # It may come in parts, which have no length: another connection tells when it has ended.
                connection.send(request("ASK {}"))
                whole = connection.until(TRUE)
                head, _, body = whole.partition(b"\r\n\r\n")
                assert b" 200 " in head
                assert (b"content-encoding" in head) == ("gzip" in more)
            else:
                head, body = connection.response()
                heads.add(re.sub(rb"length: \d+", b"", head))  # a time has as many digits as it needs
                bodies.add(re.sub(rb"\d+", b"0", body))
        assert len(heads) <= 1
        assert len(bodies) <= 1


def test_a_request_that_is_not_utf_8_is_refused(served_small: str) -> None:
    with connected(served_small) as connection:
        for more in ("", "Forwarded: for=x\r\n"):
            connection.send(f"GET /sparql?query=ASK%20%FF%7B%7D HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode())
            head, body = connection.response()
            assert head.startswith(b"HTTP/1.1 400")
            assert b"UTF-8" in body


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        (b"GET /sparql?query=" + b"x" * 66_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "65535 characters"),
        (b"This is not a request\r\n\r\n", 400, "not HTTP/1.1"),
        (b"GET / HTTP/1.1\r\nno header\r\n\r\n", 400, "not HTTP/1.1"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_problem(served_small: str, asked: bytes, status: int, says: str) -> None:
    with connected(served_small) as connection:
        connection.send(asked)
        head, body = connection.response()
        assert head.startswith(b"HTTP/1.1 %d " % status)
        for line in (b"content-type: application/problem+json", b"x-content-type-options: nosniff"):
            assert line in head
        assert b"connection: close" in head
        said = json.loads(body)
        assert set(said) == {"title", "status", "detail"}
        assert said["status"] == status
        assert says in said["detail"]


def test_short_queries_are_answered_while_others_take_long(serve: Serve, seeds_data: Path) -> None:
    _, url = serve(seeds_data, "--timeout", "2", "--workers", "3")
    with connected(url) as slow, connected(url) as other:
        for number in range(40):
            if number in (10, 20):
                never = f"STRLEN(STR(?a)) + STRLEN(STR(?i)) > {number}00000"
                slow.send(request(f"ASK {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER ({never}) }}"))
            if number == 30:
                assert slow.response()[0].startswith(b"HTTP/1.1 503")
                assert slow.response()[0].startswith(b"HTTP/1.1 503")
            other.send(request(f"ASK {{ ?s ?p {number} }}") + request(f"ASK {{ ?s ?p -{number} }}"))
            assert [other.response()[1], other.response()[1]] == [FALSE, FALSE]
        assert metric(other, "civicgraph_queries_running") == 0
        assert metric(other, 'civicgraph_queries_total{end="timeout"}') == 2


def test_a_connection_that_rests_is_closed_and_one_that_asks_is_not(serve: Serve, small_data: Path) -> None:
    _, url = serve(small_data)
    with connected(url) as connection:
        for number in range(3):
            connection.send(request(f"ASK {{ ?s ?p {number} }}"))
            connection.response()
        assert connection.ends()


def test_each_client_has_its_rate_for_repeated_requests_too(serve: Serve, small_data: Path) -> None:
    _, url = serve(small_data, "--rate", "1")
    with connected(url) as connection:
        statuses: list[bytes] = []
        while b"429" not in statuses:
            connection.send(request("ASK {}"))
            statuses.append(connection.response()[0].split()[1])
        assert statuses[:5] == [b"200"] * 5


def test_who_asks_through_a_proxy_is_told_its_own_address(served_small: str) -> None:
    describe = "GET /sparql?query={} HTTP/1.1\r\nHost: graph.example\r\nAccept: text/csv\r\n{}\r\n"
    query = quote("SELECT ?a { BIND (<relative> AS ?a) }")
    with connected(served_small) as connection:
        for _ in range(3):
            for more, scheme in (("", b"http"), ("X-Forwarded-Proto: https\r\n", b"https")):
                connection.send(describe.format(query, more).encode())
                assert connection.response()[1] == b"a\r\n%b://graph.example/relative\r\n" % scheme


def test_a_client_with_many_long_queries_makes_no_other_wait(serve: Serve, seeds_data: Path) -> None:
    # None of them would end within the test, nor would a client that waited for one.
    _, url = serve(seeds_data, "--timeout", "3600", "--workers", "2")
    with ExitStack() as opened:
        for number in range(8):
            slow = opened.enter_context(connected(url))
            never = f"STRLEN(STR(?a)) + STRLEN(STR(?i)) > {number + 1}00000"
            query = f"ASK {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER ({never}) }}"
            slow.send(request(query, more="X-Forwarded-For: 192.0.2.1\r\n"))
        other = opened.enter_context(connected(url))
        while metric(other, "civicgraph_queries_queued") < 7:
            pass
        for number in range(20):
            other.send(request(f"ASK {{ ?s ?p -{number} }}", more="X-Forwarded-For: 192.0.2.2\r\n"))
            assert other.response()[1] == FALSE
        assert metric(other, "civicgraph_queries_running") == 1


@pytest.mark.parametrize("more", ["", "Accept-Encoding: gzip\r\n"])
def test_an_answer_that_is_stopped_is_cut_off_and_is_not_an_error_of_the_server(
    serve: Serve, small_data: Path, more: str
) -> None:
    # It has begun, and one who takes it compressed may have nothing of it yet.
    _, url = serve(small_data, "--timeout", "1")
    never = "SELECT DISTINCT ?a ?d ?g ?j { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    with connected(url) as connection:
        connection.send(request(never, more=more))
        content = connection.until_closed()
    assert content.startswith(b"HTTP/1.1 200")
    assert not content.endswith(b"0\r\n\r\n")
