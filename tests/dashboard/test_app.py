"""The page as a visitor meets it: six tabs, two colours, and a card for what went wrong."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboard.conftest import ROOT, serving

TABS = ("Watch", "Live run", "Parameters", "Data", "Summary", "Runs")
SIZES = ((1280, 800), (1920, 1080))


def test_the_first_picture_stands_within_five_seconds_of_the_server_being_ready(
    browser: Browser, tmp_path: Path
) -> None:
    with serving(tmp_path) as (address, _):
        page = browser.new_page()
        page.set_default_timeout(5_000)
        page.goto(address)
        expect(page.locator("#tab-watch .cw-drawing")).to_be_visible(timeout=5_000)
        page.close()


@pytest.mark.parametrize("label", TABS)
def test_every_tab_opens_and_says_that_it_is_open(
    page: Page, turn: Callable[[str], Page], label: str
) -> None:
    turn(label)
    here = page.get_by_role("navigation", name="Tabs").locator("[aria-current=page]")
    expect(here).to_have_text(label)
    expect(page.locator(".cw-leaf:visible")).to_have_count(1)
    expect(page.get_by_role("region", name=label, exact=True)).to_be_visible()


def test_a_tab_that_was_left_stays_as_it_was(page: Page, turn: Callable[[str], Page]) -> None:
    turn("Parameters")
    page.get_by_label("Find a knob").fill("seed")
    turn("Data")
    turn("Parameters")
    expect(page.get_by_label("Find a knob")).to_have_value("seed")
    page.get_by_label("Find a knob").fill("")


def test_tabs_are_turned_by_keyboard(page: Page, turn: Callable[[str], Page]) -> None:
    turn("Watch")
    page.get_by_role("button", name="Watch", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#tab-live")).to_be_visible()


def test_colours_follow_the_system_until_a_visitor_chooses(browser: Browser, site: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(site)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    context.close()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_is_wider_than_the_window(
    page: Page, turn: Callable[[str], Page], width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    for label in TABS:
        turn(label)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, label
    page.set_viewport_size({"width": 1280, "height": 800})


def test_every_class_and_colour_of_the_style_sheet_is_used() -> None:
    style = (ROOT / "dashboard" / "page.css").read_text(encoding="utf-8")
    sources = [*(ROOT / "dashboard").rglob("*.vue"), *(ROOT / "dashboard").rglob("*.py")]
    sources += (ROOT / "dashboard" / "player").iterdir()
    used = "".join(path.read_text(encoding="utf-8") for path in sources)
    classes = set(re.findall(r"\.(cw-[\w-]+)", style))
    assert {name for name in classes if not re.search(rf"{name}(?![\w-])", used)} == set()
    colours = set(re.findall(r"(--cw-[\w-]+):", style))
    assert {name for name in colours if f"var({name}" not in style + used} == set()


def test_text_can_be_enlarged(page: Page) -> None:
    content = page.locator("meta[name=viewport]").get_attribute("content")
    assert "user-scalable" not in str(content)
    expect(page.locator("html")).to_have_attribute("lang", "en")
