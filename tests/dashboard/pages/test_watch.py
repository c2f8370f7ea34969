"""Playback in the page: it opens on a moving picture, and shows the runs that are saved."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard.pages.watch import BUNDLED


@pytest.fixture
def watch(turn: Callable[[str], Page]) -> Page:
    return turn("Watch")


def test_it_opens_on_the_hot_day_at_five_already_moving(watch: Page) -> None:
    watch.reload()
    clock = watch.locator(".cw-clock")
    expect(clock).to_have_text("17:00")
    expect(clock).to_have_text("17:30")
    expect(watch.locator(".cw-date")).to_have_text("Saturday 8 July 2017")
    expect(watch.locator(".cw-saved")).to_contain_text("$")


def test_the_picker_lists_the_bundled_run_and_those_that_are_whole(watch: Page) -> None:
    choices = watch.locator("#tab-watch select").first.locator("option").all_inner_texts()
    assert choices[0] == BUNDLED["title"]
    assert all("damaged" not in each and "unfinished" not in each for each in choices)
    assert len(choices) >= 3


def test_a_saved_run_is_opened_by_the_picker(watch: Page) -> None:
    watch.locator("#tab-watch select").first.select_option("sim_20170702_120000")
    expect(watch.locator(".cw-date")).to_contain_text("1 July 2017")
    watch.locator("#tab-watch select").first.select_option("")
    expect(watch.locator(".cw-date")).to_contain_text("8 July 2017")


def test_the_keys_work_in_the_page(watch: Page) -> None:
    watch.locator("h1").click()
    if watch.get_by_role("button", name="Pause").count():
        watch.keyboard.press("Space")
    watch.keyboard.press("Home")
    expect(watch.locator(".cw-clock")).to_have_text("00:00")
    watch.keyboard.press("ArrowRight")
    expect(watch.locator(".cw-clock")).to_have_text("00:30")
    watch.keyboard.press("b")
    expect(watch.locator("#tab-watch .cw-network")).to_have_count(2)
    watch.keyboard.press("b")


def test_everything_needed_to_present_fits_the_window(watch: Page) -> None:
    for part in (".cw-clock", ".cw-saved", ".cw-network", ".cw-controls"):
        box = watch.locator(f"#tab-watch {part}").first.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 800


def test_playback_is_accessible(watch: Page, accessible: Callable[[Page], None]) -> None:
    accessible(watch)
