"""A dashboard with two saved runs, one that was not finished and one that is damaged."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from scenarios import store
from scenarios.compare import compare
from scenarios.load import load
from tests.dashboard.conftest import serving

ARMS = ["grid_only", "self_use", "plan_alone", "market", "bound"]
SMALL = ["homes.count=4", "forecast.samples_count=2", "forecast.horizon_hours=6", "run.days=1"]
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save two runs, of one day each; leave one unfinished and damage another."""
    folder = tmp_path_factory.mktemp("saved")
    for day, knob, arms in ((1, "seed=1", ARMS), (2, "battery.capacity_kwh=6", ARMS[::3])):
        scenario = load("fontana_mixed", [*SMALL, knob])
        now = datetime(2017, 7, day, 12, tzinfo=UTC)
        store.save(compare(scenario, arms), folder, now=now)
    first = folder / "sim_20170701_120000"
    shutil.copytree(first, folder / "sim_damaged")
    (folder / "sim_damaged" / "summary.json").write_text("{}", encoding="utf-8")
    (folder / "sim_unfinished").mkdir()
    shutil.copy(first / "params.json", folder / "sim_unfinished")
    return folder


@pytest.fixture(scope="session")
def site(results: Path) -> Iterator[str]:
    """Serve the runs."""
    with serving(results) as (address, _):
        yield address


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    """Open the dashboard; in the end no error was logged and no other host was asked."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(8_000)
    errors: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site)
    yield page
    context.close()
    assert errors == []
    ours = (site, site.replace("http:", "ws:"), "data:", "blob:")
    assert [url for url in asked if not url.startswith(ours)] == []


@pytest.fixture
def turn(page: Page) -> Callable[[str], Page]:
    """Turn to a tab: `turn("Data")`."""

    def turned(label: str) -> Page:
        page.get_by_role("navigation", name="Tabs").get_by_role("button", name=label).click()
        page.locator(f"#tab-{label.split(maxsplit=1)[0].lower()}").wait_for()
        return page

    return turned


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Let axe-core look at a page in its light and its dark colours."""

    def check(page: Page) -> None:
        for _ in ("as it is", "the other way"):
            found = Axe().run(page).response["violations"]
            bad = [(each["id"], each["nodes"][0]["html"]) for each in found]
            serious = [each["impact"] in SERIOUS for each in found]
            assert not any(serious), json.dumps(bad, indent=1)
            page.locator(".cw-theme").click()
            page.wait_for_timeout(400)  # colours fade

    return check
