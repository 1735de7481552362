"""A real browser over a real server: Chromium from its npm package, which `make test` unpacked, or an installed one.

One data folder holds the small claims with their article, the hostile ones, the seeds with their articles where these
are at hand; another G-Cloud's sales.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, expect, sync_playwright

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader import load
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.load_records import load_spend

ROOT: Final = Path(__file__).parent.parent.parent
FILES: Final = ROOT / "tests/api/files"
SHARED: Final = ROOT.parent / "shared"
GCLOUD: Final = SHARED / "data/gcloud/G-Cloud-Total-Spend-13-12-13.csv"
ARTICLES: Final = SHARED / "seeds"
UNPACKED: Final = ROOT / "node_modules/.chromium"
INSTALLED: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ODD: Final = f"""
@prefix cg: <https://w3id.org/civicgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/civicgraph/id/place/hilltop> a cg:Place ; rdfs:label "Hilltop" ;
  cg:latitude 53.8 ; cg:longitude -1.5 ; cg:within <https://w3id.org/civicgraph/id/place/uplands> .
<https://w3id.org/civicgraph/id/place/valley> a cg:Place ; rdfs:label "Valley" ;
  cg:latitude 53.6 ; cg:longitude -1.2 ; cg:within <https://w3id.org/civicgraph/id/place/uplands> .
<https://w3id.org/civicgraph/id/place/moor> a cg:Place ; rdfs:label "Moor" ;
  cg:latitude 53.9 ; cg:longitude -1.9 ; cg:within <https://w3id.org/civicgraph/id/place/uplands> .
<https://w3id.org/civicgraph/id/place/uplands> a cg:Place ; rdfs:label "Uplands" .
<https://w3id.org/civicgraph/id/organisation/endless> a cg:Company, cg:Organisation ; rdfs:label "{"endless" * 1_430}" .
<https://w3id.org/civicgraph/id/service/endless> a cg:Service ; rdfs:label "Endless" ;
  cg:provider <https://w3id.org/civicgraph/id/organisation/endless> ;
  cg:customer <https://w3id.org/civicgraph/id/organisation/formula> .
"""
"""Places with coordinates in a region, and a supplier whose name has ten thousand characters."""

FLAGS: Final = [
    *("--no-sandbox", "--no-zygote", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
]
"""Run as root, and draw WebGL without a graphics card."""

PATIENCE: Final = 90_000
"""Milliseconds that anything may take on a busy machine: a limit that only a fault reaches."""


def browser_program() -> tuple[Path, dict[str, str | float | bool]]:
    """Return the browser to use, and what it needs in its environment."""
    unpacked = UNPACKED / "chromium"
    runs_here = platform.system() == "Linux" and platform.machine() == "x86_64"
    if runs_here and unpacked.exists():
        extra = {"FONTCONFIG_FILE": str(UNPACKED / "fonts.conf"), "LD_LIBRARY_PATH": str(UNPACKED / "al2023/lib")}
        return unpacked, {**os.environ, **extra}
    found = next(filter(None, map(shutil.which, INSTALLED)), None)
    if found is None and runs_here:
        pytest.fail("the browser is not unpacked: make test does it")
    if found is None:
        pytest.skip("no browser: the npm package's runs on Linux on x86-64 only, and no Chromium is installed")
    return Path(found), dict(os.environ)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a browser that ends with the tests of a file, and its event loop with it."""
    program, environment = browser_program()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program, args=FLAGS, env=environment, ignore_default_args=["--disable-dev-shm-usage"]
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold all that the paths through the pages need."""
    folder = tmp_path_factory.mktemp("browser") / "data"
    Documents(folder).add_folder(FILES)
    if ARTICLES.is_dir():
        Documents(folder).add_folder(ARTICLES)
    claims = [FILES / "small.yaml", FILES / "hostile.yaml", Path(load.__file__).parent / "facts"]
    load.load_claims(DataFolder(folder), claims)
    odd = tmp_path_factory.mktemp("odd") / "odd.ttl"
    odd.write_text(ODD, encoding="utf-8")
    load.load_rdf(DataFolder(folder), [FILES / "addresses.ttl", odd])
    return folder


@pytest.fixture(scope="session")
def address(data: Path) -> Iterator[str]:
    """Serve the data; give the address."""
    with served(data) as at:
        yield at


@pytest.fixture(scope="session")
def gcloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve G-Cloud's sales; give the address."""
    if not GCLOUD.exists():
        pytest.skip("G-Cloud's sales are not beside the checkout")
    folder = tmp_path_factory.mktemp("gcloud") / "data"
    load_spend(DataFolder(folder), [GCLOUD])
    with served(folder) as at:
        yield at


@contextmanager
def served(data: Path) -> Iterator[str]:
    """Serve a data folder from a process of its own; give the address."""
    command: list[str | Path] = [Path(sys.executable).with_name("civicgraph"), "serve", "--data", data, "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        first = running.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found, first
        try:
            yield found[0]
        finally:
            running.terminate()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Open a fresh profile, as of somebody in Britain."""
    opened = browser.new_context(locale="en-GB", timezone_id="Europe/London", viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Open a page that must bring no error to the console, ask no other machine and run no dialog."""
    opened = context.new_page()
    faults = watched(opened)
    yield opened
    assert faults == []


def watched(page: Page) -> list[str]:
    """Return the list that faults of a page will be written to."""
    faults: list[str] = []

    def console(message: ConsoleMessage) -> None:
        # What the software renderer says of itself is no fault of a page.
        if message.type in ("error", "warning") and "GL Driver Message" not in message.text:
            faults.append(f"{message.type}: {message.text}")

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            faults.append(f"asked {request.url}")

    def dialog(shown: Dialog) -> None:
        faults.append(f"dialog: {shown.message}")
        shown.dismiss()

    page.on("console", console)
    page.on("pageerror", lambda error: faults.append(f"uncaught: {error}"))
    page.on("dialog", dialog)
    page.on("request", asked)
    return faults
