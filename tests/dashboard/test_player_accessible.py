"""Accessibility by axe-core in both themes, themes themselves, and room on two screens."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.dashboard.conftest import Mount
from tests.dashboard.packs import Pack

GROUNDS = {"light": "rgb(242, 244, 248)", "dark": "rgb(14, 19, 26)"}


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in found
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


def show_everything(page: Page) -> None:
    page.locator(".cw-slider").fill("26")
    page.evaluate("window.player.setRuns([{name: 'a', title: 'a'}], 'a')")
    page.get_by_text("Choose charts").click()
    page.keyboard.press("b")
    page.locator(".cw-node").first.focus()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(mount: Mount, small_pack: Pack, theme: str) -> None:
    page = mount(small_pack, showPicker=True)
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    show_everything(page)
    assert serious(page) == []
    page.get_by_role("button", name="Table").click()
    page.keyboard.press("?")
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Charts", exact=True).click()
    page.evaluate("delete document.documentElement.dataset.theme")


def ground(page: Page) -> str:
    colour = "getComputedStyle(document.querySelector('.cw-player')).backgroundColor"
    return str(page.evaluate(colour))


def test_the_theme_is_the_systems_unless_the_page_says_otherwise(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack)
    for system in ("dark", "light"):
        other = "light" if system == "dark" else "dark"
        page.emulate_media(color_scheme=system)
        assert ground(page) == GROUNDS[system]
        page.evaluate("theme => document.body.className = `theme--${theme}`", other)
        assert ground(page) == GROUNDS[other]
        set_own = "theme => document.querySelector('.cw-player').dataset.theme = theme"
        page.evaluate(set_own, system)
        assert ground(page) == GROUNDS[system]
        page.evaluate("document.querySelector('.cw-player').removeAttribute('data-theme')")
        page.evaluate("document.body.className = ''")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
@pytest.mark.parametrize("beside", [False, True])
def test_network_counter_controls_and_two_charts_are_seen_without_scrolling(
    mount: Mount, small_pack: Pack, width: int, height: int, beside: bool
) -> None:
    page = mount(small_pack)
    page.set_viewport_size({"width": width, "height": height})
    if beside:
        page.keyboard.press("b")
        expect(page.locator(".cw-network")).to_have_count(2)
    seen = [".cw-saved", ".cw-controls", "[data-chart=balance]", "[data-chart=volume]"]
    for part in [*seen, ".cw-drawing >> nth=0", ".cw-drawing >> nth=-1"]:
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
    assert page.evaluate("document.documentElement.scrollHeight") <= height
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_narrow_page_scrolls_down_and_never_sideways(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    page.set_viewport_size({"width": 420, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    page.set_viewport_size({"width": 1280, "height": 800})


RESET = """*, ::before, ::after { margin: 0; padding: 0 }
svg:not(:root) { overflow: hidden } select { appearance: none }
.host { font-size: 16px; letter-spacing: 2px } .host p { margin-bottom: 16px; line-height: 2 }
.host ul, .host ol { padding-left: 24px } .host h2 { margin: 30px } .host dl { padding: 9px }"""
BOXES = """() => [...document.querySelectorAll(".cw-player *")].map((node) => {
    const { x, y, width, height } = node.getBoundingClientRect();
    return [node.getAttribute("class") ?? node.tagName, x, y, width, height].join(" ");
})"""


def test_a_page_with_rules_for_bare_tags_changes_nothing(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    page.keyboard.press("?")
    page.get_by_text("Choose charts").evaluate("summary => { summary.parentNode.open = true }")
    alone = page.evaluate(BOXES)
    page.evaluate("document.getElementById('host').className = 'host'")
    style = page.add_style_tag(content=RESET)
    inside = page.evaluate(BOXES)
    style.evaluate("node => node.remove()")
    page.evaluate("document.getElementById('host').removeAttribute('class')")
    dialog = page.locator(".cw-help").bounding_box()
    assert dialog is not None
    assert dialog["x"] + dialog["width"] / 2 == pytest.approx(640, abs=1)
    assert dialog["y"] + dialog["height"] / 2 == pytest.approx(400, abs=1)
    assert [box for box in inside if box not in alone] == []


def test_date_and_savings_keep_apart(mount: Mount, small_pack: Pack) -> None:
    cost = {arm: [100 * usd for usd in costs] for arm, costs in small_pack["cost_usd"].items()}
    local = [f"2018-07-18{time[10:]}" for time in small_pack["local"]]  # a Wednesday
    page = mount({**small_pack, "cost_usd": cost, "local": local}, showPicker=True)
    page.evaluate("window.player.setRuns([{name: 'a', title: 'a run'.repeat(20)}], 'a')")
    page.keyboard.press("End")
    expect(page.locator(".cw-progress")).to_have_text("96 of 96")
    parts = [page.locator(part).bounding_box() for part in (".cw-date", ".cw-saved")]
    date, saved = parts
    assert date is not None
    assert saved is not None
    assert date["x"] + date["width"] < saved["x"]
    text = "document.querySelector('.cw-date')"
    assert page.evaluate(f"{text}.scrollWidth <= {text}.clientWidth")
