"""What the dashboard costs: the first picture, a live run that is watched, many visitors at once.

Run with ``python -m benchmarks.dashboard``; it needs chromium, as the tests do. The browser runs on
the same machine as the server and takes its share of it.
"""

import tempfile
from pathlib import Path
from time import monotonic, sleep

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.dashboard.conftest import QUIET, installed_browser, serving

SESSIONS, HOMES, LONG_MS = 20, 20, 180_000
SCENARIO = f"base: synthetic\nhomes:\n  count: {HOMES}\nrun:\n  days: 3\n  start: 2018-07-10\n"


def _memory_mb(process: int) -> float:
    """Memory that a process holds at present."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def _open(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    expect(page.locator("#tab-watch .cw-drawing")).to_be_visible(timeout=LONG_MS)
    return page


def _live(browser: Browser, address: str, scenario: Path) -> float:
    """Watch a live run; steps per second from the first step to the last."""
    page = _open(browser, address)
    page.get_by_role("button", name="Parameters", exact=True).click()
    page.locator("#tab-parameters input[type=file]").first.set_input_files(scenario)
    expect(page.locator("#tab-parameters .cw-state").first).to_contain_text("3 days")
    page.get_by_role("button", name="Live run", exact=True).click()
    page.get_by_role("button", name="Start", exact=True).click()
    said = page.locator("#tab-live .cw-said")
    expect(said).to_contain_text("Running.", timeout=LONG_MS)
    began_s, first = monotonic(), _steps(said.inner_text())
    expect(said).to_contain_text("Computing", timeout=LONG_MS)
    took_s, last = monotonic() - began_s, _steps(said.inner_text())
    page.close()
    return (last - first) / took_s


def _steps(said: str) -> int:
    return int(said.partition(" of ")[0].split()[-1])


def main() -> None:
    """Print all figures."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name) / "results"
        folder.mkdir()
        scenario = Path(name) / "twenty.yaml"
        scenario.write_text(SCENARIO, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=installed_browser(), args=QUIET)
        with serving(folder) as (address, process):
            ready_s = monotonic()
            first = _open(browser, address)
            print(f"first picture after the server is ready: {monotonic() - ready_s:.1f} s")
            first.close()
            print(f"live run of {HOMES} homes: {_live(browser, address, scenario):.0f} steps/s")
        with serving(folder) as (address, process):
            _open(browser, address)
            print(f"memory of the server, 1 session: {_memory_mb(process):.0f} MB")
            for _ in range(SESSIONS - 1):
                _open(browser, address)
            print(f"memory, {SESSIONS} sessions playing: {_memory_mb(process):.0f} MB")
            sleep(30.0)
            print(f"30 s later: {_memory_mb(process):.0f} MB")
        browser.close()


if __name__ == "__main__":
    main()
