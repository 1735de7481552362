"""Takes the pictures of docs/pages.md: python -m tests.browser.pictures, or make pictures.

Of the seeds without their articles, which are their publishers', and of the small claims with theirs, which is ours. A
picture is as high as its window and no higher.
"""

import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect, sync_playwright

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader import load
from civicgraph.seeds_loader.claims.documents import Documents
from tests.browser.conftest import FILES, FLAGS, PATIENCE, ROOT, browser_program, served

PICTURES: Final = ROOT / "docs/pictures"

WIDE: Final = {"width": 1120, "height": 780}
NARROW: Final = {"width": 390, "height": 780}


def take(page: Page, address: str, name: str) -> None:
    """Open what a picture shows, and take it."""
    if name.startswith("network"):
        page.goto(f"{address}/network?node=organisation/ashby-council")
        expect(page.locator("#network[data-ready]")).to_be_visible()
        page.get_by_role("button", name="Grow the network from Alpha").first.click()
        expect(page.get_by_role("button", name="Grow the network from Alpha")).to_have_count(0)
        expect(page.locator("#network[data-laying-out]")).to_have_count(0)
        page.locator("#edges tbody td:nth-child(3) a").first.click()
        expect(page.locator(".detail mark").first).to_be_visible()
    elif name.startswith("market"):
        page.goto(f"{address}/markets")
        expect(page.locator("#lorenz svg")).to_be_visible()
    elif name.startswith("contradictions"):
        page.goto(f"{address}/contradictions")
    else:
        page.goto(f"{address}/id/organisation/ashby-council")
        page.locator("summary").first.click()
    page.evaluate("scrollTo(0, 0)")
    size = page.viewport_size or WIDE
    page.screenshot(
        path=PICTURES / f"{name}.png",
        animations="disabled",
        full_page=True,
        clip={"x": 0, "y": 0, "width": size["width"], "height": size["height"]},
    )


def main() -> None:
    """Take all pictures, in the light and in the dark, wide and narrow."""
    program, environment = browser_program()
    expect.set_options(timeout=PATIENCE)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data = Path(folder) / "data"
        Documents(data).add_folder(FILES)
        load.load_claims(DataFolder(data), [Path(load.__file__).parent / "facts", FILES / "small.yaml"])
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS, env=environment)
        with served(data) as address:
            for name, size, dark in (
                ("council", WIDE, False),
                ("council-narrow", NARROW, True),
                ("network", WIDE, False),
                ("network-dark", WIDE, True),
                ("market", WIDE, False),
                ("market-narrow", NARROW, False),
                ("contradictions-dark", WIDE, True),
            ):
                width, height = size["width"], size["height"]
                context = browser.new_context(
                    locale="en-GB",
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if dark else "light",
                    reduced_motion="reduce",
                )
                context.set_default_timeout(PATIENCE)
                take(context.new_page(), address, name)
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
