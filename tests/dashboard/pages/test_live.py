"""A live run in a real browser: it starts, holds, ends, is saved, and opens in playback."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.live_driver import Phase, Status
from dashboard.pages.live import PACES, saying
from scenarios import store

LONG_MS = 90_000  # the first step compiles


@pytest.fixture
def live(turn: Callable[[str], Page]) -> Iterator[Page]:
    page = turn("Live run")
    yield page
    turn("Live run")
    stop = page.get_by_role("button", name="Stop", exact=True)
    if stop.is_enabled():
        stop.click()


def _said(page: Page) -> Locator:
    return page.locator(".cw-said")


def _small(page: Page, turn: Callable[[str], Page]) -> None:
    """Set a day of three homes, by the fields of the tab Parameters."""
    turn("Parameters")
    page.get_by_role("button", name="Open all").click()
    for knob, value in (("run.days", "1"), ("homes.count", "3"), ("forecast.samples_count", "2")):
        field = page.get_by_label(knob, exact=True)
        field.fill(value)
        field.press("Tab")
    expect(page.locator("#tab-parameters .cw-state").first).to_contain_text("1 day")


@pytest.mark.parametrize("phase", list(Phase))
def test_every_phase_says_what_goes_on(phase: Phase) -> None:
    assert saying(Status(phase)).endswith(".")
    assert saying(Status(phase, 3, 48)).endswith("3 of 48 steps")


def test_time_left_is_told_while_it_runs_only() -> None:
    assert saying(Status(Phase.RUNNING, 3, 48, 12.4)).endswith("about 12 s left")
    assert "left" not in saying(Status(Phase.PAUSED, 3, 48, 12.4))


def test_a_run_goes_as_fast_as_it_can_unless_a_pace_is_chosen() -> None:
    assert next(iter(PACES.values())) is None
    assert all(pace is not None for pace in list(PACES.values())[1:])


def test_a_run_of_48_steps_is_watched_held_saved_and_played_back(
    page: Page, turn: Callable[[str], Page], live: Page, results: Path
) -> None:
    before = set(results.iterdir())
    _small(page, turn)
    turn("Live run")
    live.get_by_label("Pace").select_option("20 steps/s")
    live.get_by_role("button", name="Start", exact=True).click()
    expect(_said(live)).to_contain_text("of 48 steps", timeout=LONG_MS)
    live.get_by_role("button", name="Pause the run").click()
    expect(_said(live)).to_contain_text("Paused")
    held = re.search(r"(\d+) of 48", _said(live).inner_text())
    live.wait_for_timeout(400)
    assert held is not None
    assert held[0] in _said(live).inner_text()
    live.get_by_role("button", name="Go on with the run").click()
    live.get_by_label("Pace").select_option("as fast as it goes")
    expect(_said(live)).to_contain_text("Done and saved. 48 of 48 steps", timeout=LONG_MS)
    controls = live.locator("#tab-live .cw-controls").bounding_box()
    assert controls is not None
    assert controls["y"] + controls["height"] <= 801  # however many buttons stand above
    (saved,) = set(results.iterdir()) - before
    assert store.verify(saved) == []
    turn("Data")  # where others are saved from now on: this one is found all the same
    page.get_by_label("A folder of its own").fill("other")
    page.get_by_role("button", name="Choose").click()
    expect(page.locator("#tab-data").get_by_text("listed from one folder: other")).to_be_visible()
    turn("Live run")
    live.locator("#tab-live").get_by_role("button", name="Open in playback").click()
    picker = page.locator("#tab-watch select").first
    expect(picker).to_have_value(saved.name)
    expect(page.locator("#tab-watch")).to_contain_text("1 July 2017")


def test_a_run_that_is_stopped_leaves_no_folder(live: Page, results: Path) -> None:
    before = set(results.iterdir())
    live.get_by_label("Pace").select_option("1 step/s")
    live.get_by_role("button", name="Start", exact=True).click()
    expect(_said(live)).to_contain_text("1 of ", timeout=LONG_MS)
    live.get_by_role("button", name="Stop", exact=True).click()
    expect(_said(live)).to_contain_text("Stopped early")
    live.get_by_role("button", name="Reset", exact=True).click()
    expect(_said(live)).to_contain_text("Ready")
    assert set(results.iterdir()) == before


def test_a_live_run_is_accessible(live: Page, accessible: Callable[[Page], None]) -> None:
    accessible(live)
