"""A report in a browser: nothing is fetched, axe finds nothing, it fits a telephone and paper."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from scenarios import compare, store
from scenarios.load import load
from scenarios.reporting import report

KNOBS = ("homes.count=3", "run.days=2", "forecast.samples_count=1", "forecast.horizon_hours=6")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    arms = ["grid_only", "self_use", "plan_alone", "market"]
    folders = [
        store.save(compare.compare(load("fontana_mixed", (*KNOBS, knob)), arms), out)
        for knob in ("market.loss_fraction=0.05", "market.loss_fraction=0.1")
    ]
    return report.run(folders, out / "report.html")


@pytest.fixture
def page(browser: Browser, written: Path) -> Iterator[Page]:
    opened = browser.new_page()
    told: list[str] = []
    opened.on("console", lambda message: told.append(message.text))
    opened.on("request", lambda request: told.append(request.url))
    opened.goto(written.as_uri())
    yield opened
    pictures = [each for each in told if each.startswith("data:image/png")]
    assert told[0] == written.as_uri()
    assert told[1:] == pictures, "no request, and no complaint of the policy"
    opened.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:100]) for each in found] == []


def test_it_follows_the_theme(page: Page) -> None:
    grounds = set()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        ink = page.evaluate("getComputedStyle(document.querySelector('svg text')).fill")
        assert ground != ink
        grounds |= {ground, ink}
    assert len(grounds) == 4


@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_is_never_wider_than_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_prints_on_white_with_all_columns(page: Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 1040, "height": 1400})
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert not page.locator("nav").is_visible()
    wide = "Array.from(document.querySelectorAll('table'), t => t.scrollWidth)"
    assert max(page.evaluate(wide)) <= 1040
