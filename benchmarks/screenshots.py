"""Take the pictures of the dashboard that `docs/` shows: the bundled run on its hot evening.

Run with ``python -m benchmarks.screenshots``; it needs chromium, as the tests do.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.dashboard.conftest import QUIET, installed_browser, serving

DOCS = Path(__file__).parents[1] / "docs"
SIZES = ((1280, 800), (1920, 1080))
STEP = 48 + 38  # 19:00 of the second day, when batteries serve the neighbours


def shoot(browser: Browser, address: str, size: tuple[int, int], colours: str) -> None:
    """Show the step, wait until all is drawn, and save what is seen."""
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=colours)
    page.goto(address)
    page.get_by_role("button", name="Pause", exact=True).click()
    page.locator("#tab-watch input[type=range]").fill(str(STEP))
    expect(page.locator("#tab-watch .cw-clock")).to_have_text("19:00")
    page.locator("h1").click()
    page.wait_for_timeout(1500)  # figures count up to where they are
    page.screenshot(path=DOCS / f"dashboard_{width}x{height}_{colours}.png")
    page.close()


def main() -> None:
    """Take all of them."""
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        serving(Path(folder)) as (address, _),
    ):
        browser = playwright.chromium.launch(executable_path=installed_browser(), args=QUIET)
        for size in SIZES:
            for colours in ("light", "dark"):
                shoot(browser, address, size, colours)
        browser.close()


if __name__ == "__main__":
    main()
