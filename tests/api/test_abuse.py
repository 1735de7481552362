"""A server under abuse: 8 hostile requests at a time, and a normal client that is served all along."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

Serve = Callable[..., tuple[subprocess.Popen[str], str]]

CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
LOOK_UP = "SELECT ?s { ?s rdfs:label 'Ashby Council' }"


def queries(port: int) -> Iterator[str]:
    """Yield queries that take too long, too much, or reach for what is not theirs."""
    yield f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}"
    yield f"SELECT * {{ {CROSS} }} ORDER BY ?c ?f ?i"
    yield f"SELECT DISTINCT ?a ?d ?g ?j {{ {CROSS} }}"
    yield f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d), STR(?g))) AS ?x) {{ {CROSS} }}"
    yield f"SELECT ?a (COUNT(*) AS ?n) {{ {CROSS} }} GROUP BY ?a ?d ?g HAVING (COUNT(*) > 1000000)"
    yield f"ASK {{ {CROSS} FILTER (STRLEN(CONCAT(STR(?a), STR(?l))) < 0) }}"
    yield f"CONSTRUCT {{ ?a ?b ?c . ?d ?e ?f }} {{ {CROSS} }}"
    yield f"SELECT * {{ {CROSS} FILTER (REGEX(STR(?c), '(a+)+(b+)+$') && REGEX(STR(?f), '^(([a-z])+.)+[A-Z]')) }}"
    yield "SELECT * { ?s (rdfs:label|!rdfs:label)* ?o . ?o (rdfs:label|!rdfs:label)* ?p . ?p (!cg:x)* ?q }"
    yield "SELECT (COUNT(*) AS ?n) { ?a (!cg:x|^!cg:x)+ ?b . ?b (!cg:x|^!cg:x)+ ?c . ?c (!cg:x|^!cg:x)+ ?d }"
    yield f"SELECT * {{ ?s ?p ?o FILTER (?o IN ({', '.join(map(str, range(60_000)))})) }}"
    many, fewer = (" ".join(map(str, range(count))) for count in (60_000, 9_000))
    yield f"SELECT * {{ VALUES ?x {{ {many} }} VALUES ?y {{ {fewer} }} }}"
    for depth in (1_000, 10_000, 100_000):
        yield f"ASK {{ FILTER ({'(' * depth}1{')' * depth}) }}"
        yield f"SELECT * {{ {'{' * depth}{'}' * depth} }}"
        yield f"ASK {{ FILTER ({'!' * depth}true) }}"
    yield f"SELECT * {{ {'OPTIONAL { ?s ?p ?o ' * 300}{'}' * 300} }}"
    yield f"SELECT * {{ {' UNION '.join(['{ ?s ?p ?o }'] * 5_000)} }}"
    yield f"SELECT * {{ {' '.join(f'?s{n} ?p{n} ?o{n} .' for n in range(400))} }}"
    yield f"SELECT {' '.join(f'?v{n}' for n in range(20_000))} {{ ?s ?p ?o }}"
    yield f"ASK {{ ?s ?p '{'x' * 900_000}' }}"
    yield f"SELECT (REPLACE('{'a' * 5_000}', '(a*)*', '$1$1$1') AS ?x) {{ {CROSS} }}"
    for name in (f"http://127.0.0.1:{port}/", f"https://127.0.0.1:{port}/", f"http://localhost:{port}/x"):
        yield f"SELECT * {{ SERVICE <{name}> {{ ?s ?p ?o }} }}"
        yield f"SELECT * {{ SERVICE SILENT <{name}> {{ ?s ?p ?o }} }}"
        yield f"SELECT * {{ BIND (<{name}> AS ?w) SERVICE ?w {{ ?s ?p ?o }} }}"
        yield f"ASK FROM <{name}> {{ ?s ?p ?o }}"
        yield f"LOAD <{name}>"
        yield f"SELECT * {{ S\\u0045RVICE <{name}> {{ ?s ?p ?o }} }}"
    yield from ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", "LOAD <file:///etc/passwd>", "DROP ALL", "CLEAR ALL")
    yield from (
        "",
        "\x00",
        "SELECT",
        "{" * 100,
        "\\u0000",
        "é" * 1000,
        "SELECT * { ?s ?p ?o } ; DROP ALL",
        "ASK " + "#" * 500_000,
    )


ABUSER = {"X-Forwarded-For": "192.0.2.1"}
AS_QUERY = {"Content-Type": "application/sparql-query"}
AS_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def requests(url: str) -> list[tuple[str, str, dict[str, Any]]]:
    """List requests at fault in themselves."""
    return [
        ("GET", f"{url}/sparql?query=ASK{{}}&default-graph-uri={'x' * 3000}", {}),
        ("GET", f"{url}/sparql?{'a=1&' * 3000}query=ASK{{}}", {}),
        ("GET", f"{url}/tables/dependencies.json?_next=%00&_size=99999999999999999999", {}),
        ("GET", f"{url}/tables/../../etc/passwd", {}),
        ("GET", f"{url}/tables/dependencies.json?supplier=%27%29%3B%20DROP%20TABLE%20x", {}),
        ("GET", f"{url}/queries/customers-of.json?supplier=%3E%7D", {}),
        ("GET", f"{url}/id/organisation/%00", {}),
        (
            "POST",
            f"{url}/sparql",
            {"content": b"\xff" * 2_000_000, "headers": AS_QUERY},
        ),
        (
            "POST",
            f"{url}/sparql",
            {"content": b"query=%FF", "headers": AS_FORM},
        ),
        ("POST", f"{url}/update", {"data": {"update": "DROP ALL"}}),
        ("PUT", f"{url}/graph-store?default", {"content": b"x"}),
        ("TRACE", f"{url}/sparql", {}),
    ]


def abusive(url: str, port: int) -> list[tuple[str, str, dict[str, Any]]]:
    """List all of them, from one client; a port is one that nobody is to call."""
    asked = [("POST", f"{url}/sparql", {"data": {"query": query}}) for query in queries(port)]
    return [
        (method, at, {**more, "headers": {**more.get("headers", {}), **ABUSER}})
        for method, at, more in (*asked, *requests(url))
    ]


def test_a_normal_client_is_served_while_others_abuse_the_server(serve: Serve, small_data: Path) -> None:
    # How long a query may run goes by how long this machine takes to start: what is late on one is not on another.
    begun = time.monotonic()
    serve(small_data)
    limit = max(2.0, 2 * (time.monotonic() - begun))
    running, url = serve(small_data, "--timeout", f"{limit:.1f}", "--workers", "8")
    failures: list[str] = []
    done = threading.Event()

    def be_normal() -> None:
        with httpx2.Client(base_url=url, timeout=600) as client:
            number = 0
            while not done.is_set() or number < 10:
                number += 1
                answer = client.get("/sparql", params={"query": f"{LOOK_UP} # {number}"})
                if answer.status_code != 200 or len(answer.json()["results"]["bindings"]) != 1:
                    failures.append(f"{answer.status_code} {answer.text[:200]}")
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listener, httpx2.Client(timeout=600) as client:
        listener.setblocking(False)
        client.get(f"{url}/sparql", params={"query": "ASK {}"})
        client.get(f"{url}/tables/dependencies.json")  # the columns of its ties stay open
        before, memory = descriptors(running), proportional_memory(running.pid)
        abuse = abusive(url, listener.getsockname()[1])
        assert len(abuse) > 50

        def send(request: tuple[str, str, dict[str, Any]]) -> tuple[int, str]:
            method, address, options = request
            try:
                with client.stream(method, address, **options) as answer:
                    for _ in zip(range(50), answer.iter_raw(), strict=False):
                        pass
                    return answer.status_code, answer.headers.get("content-type", "")
            except httpx2.RemoteProtocolError:
                return 200, ""  # what was cut off had begun well

        normal = threading.Thread(target=be_normal)
        normal.start()
        try:
            with ThreadPoolExecutor(8) as eight:
                answers = list(eight.map(send, abuse))
        finally:
            done.set()
            normal.join()
        assert failures == []
        for status, content_type in answers:
            assert status in {200, 400, 401, 403, 404, 405, 413, 415, 503}
            assert status == 200 or content_type == "application/problem+json"
        with pytest.raises(BlockingIOError):
            listener.accept()
        assert client.get(f"{url}/sparql", params={"query": "ASK {}"}).json()["boolean"] is True
    for _ in range(1000):
        if descriptors(running) <= before + 8 and not zombies(running.pid):
            break
        time.sleep(0.02)
    assert descriptors(running) <= before + 8  # a few connections that are kept open, and workers at rest
    assert zombies(running.pid) == []
    # Seven more workers at rest, and what the server keeps of answers; a query that was let grow had hundreds.
    assert proportional_memory(running.pid) < memory + 200


def test_nothing_is_left_open_after_ten_thousand_requests(serve: Serve, small_data: Path) -> None:
    running, url = serve(small_data, "--workers", "2")
    port = int(url.rpartition(":")[2])
    asked = [
        "/sparql?query=ASK%20%7B%7D%20%23{}",
        "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20{}%20%7D",
        "/sparql?query=nonsense{}",
        "/sparql?query=ASK%20%7B%7D",
        "/nothing/{}",
    ]
    expected = [b"200", b"200", b"400", b"200", b"404"]

    def ask(connections: range) -> None:
        for number in connections:
            with socket.create_connection(("127.0.0.1", port), 600) as made, made.makefile("rb") as answers:
                for turn in range(20):
                    for path, status in zip(asked, expected, strict=True):
                        made.sendall(f"GET {path.format(100 * number + turn)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                        assert answers.readline().split()[1] == status
                        length = 0
                        while (line := answers.readline()) != b"\r\n":
                            if line.startswith(b"content-length:"):
                                length = int(line.split()[1])
                        answers.read(length)

    ask(range(1))
    before = descriptors(running)
    with ThreadPoolExecutor(4) as four:
        for _ in four.map(ask, (range(25 * n + 1, 25 * n + 26) for n in range(4))):
            pass
    for _ in range(1000):
        if descriptors(running) <= before + 2:
            break
        time.sleep(0.02)
    assert descriptors(running) <= before + 2  # another worker, and the thread that started it
    assert zombies(running.pid) == []


def proportional_memory(pid: int) -> float:
    """Return the megabytes of a process and all below it, what they share counted once."""
    found = 0.0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                found += int(line.split()[1]) / 1024
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found += sum(map(proportional_memory, map(int, task.read_text().split())))
    except FileNotFoundError:
        return found  # it ended meanwhile
    return found


def descriptors(process: subprocess.Popen[str]) -> int:
    folder = Path(f"/proc/{process.pid}/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def zombies(pid: int) -> list[int]:
    """List the processes below one that have ended and that nobody took note of."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            try:
                state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
            except FileNotFoundError:
                continue
            found += [child] if state == "Z" else zombies(child)
    return found
