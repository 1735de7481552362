"""Observable and other pages with scripts: a browser reads tables and asks queries from another origin."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import FLAGS, PATIENCE, browser_program

Snippet = Callable[..., str]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Open an empty page of another origin, in a browser that ends with these tests."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "index.html").write_text("<!doctype html>\n<title>Notebook</title>\n", encoding="utf-8")
    program, environment = browser_program()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            running = playwright.chromium.launch(
                executable_path=program, args=FLAGS, env=environment, ignore_default_args=["--disable-dev-shm-usage"]
            )
            opened = running.new_page()
            opened.set_default_timeout(PATIENCE)
            opened.goto(f"http://127.0.0.1:{server.server_port}/")
            yield opened
            running.close()
        server.shutdown()


def test_rows_and_the_next_page(elsewhere: Page, snippet: Snippet, address: str) -> None:
    code = snippet("observable.md", "js", 2)
    rows, following = elsewhere.evaluate(f"async () => {{ {code}\n return [rows, next]; }}")
    assert rows == httpx2.get(f"{address}/tables/dependencies.json?_size=5").json()
    assert following.endswith('>; rel="next"')
    assert httpx2.get(following[1:].partition(">")[0]).json()[0] not in rows


def test_csv(elsewhere: Page, snippet: Snippet) -> None:
    (url,) = [part for part in snippet("observable.md", "js").split('"') if part.startswith("http")]
    text = elsewhere.evaluate("async (url) => (await fetch(url)).text()", url)
    assert text == httpx2.get(url).text


def test_refusals_can_be_read(elsewhere: Page, snippet: Snippet) -> None:
    code = snippet("observable.md", "js", 2).replace("?_size=5", "?supplyer=x")
    said = elsewhere.evaluate(f"async () => {{ try {{ {code} }} catch (error) {{ return error.message; }} }}")
    assert "unknown parameter 'supplyer'; known are: " in said


def test_a_query_as_a_form(elsewhere: Page, snippet: Snippet) -> None:
    found = elsewhere.evaluate(f"async () => {{ {snippet('observable.md', 'js', 3)}\n return found; }}")
    assert found["head"]["vars"] == ["buyer", "supplier"]
    assert len(found["results"]["bindings"]) > 10


def test_a_request_that_is_possible_matches_first(elsewhere: Page, address: str) -> None:
    ask = """async (url) => {
        const first = await fetch(url);
        const again = await fetch(url, {headers: {"If-None-Match": first.headers.get("ETag")}, cache: "no-store"});
        const head = await fetch(url, {method: "HEAD"});
        return [first.status, again.status, head.status, (await head.text()).length];
    }"""
    assert elsewhere.evaluate(ask, f"{address}/tables/services.json") == [200, 304, 200, 0]
