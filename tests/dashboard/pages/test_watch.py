"""Playback in the page: it opens on a moving picture, and shows the runs that are saved."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
import solara
from playwright.sync_api import Browser, Page, expect

from dashboard.desk import Desk
from dashboard.pages.watch import BUNDLED, WatchPage
from dashboard.place import Place
from dashboard.uploads import Uploads
from tests.dashboard.conftest import serving


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


def test_a_run_that_is_opened_says_so_and_does_not_hold_up_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, began = Event(), Event()

    def pack(_: Desk, __: Path, name: str | None) -> str:
        began.set()
        assert go.wait(20.0)
        return f"token of {name}"

    monkeypatch.setattr(Desk, "pack", pack)
    with Uploads() as uploads:
        desk = Desk(Place(tmp_path, uploads, "sim_1"))
        _, context = solara.render(WatchPage(desk), handle_error=False)
        assert began.wait(20.0)
        said = context.find(class_="cw-state").widget
        assert (said.children, said.attributes) == (["Opening sim_1 ..."], {"role": "status"})
        go.set()
        end_s = monotonic() + 20.0
        while context.find(class_="cw-state").widgets:
            assert monotonic() < end_s
            sleep(0.01)
        context.close()


def test_a_damaged_run_that_is_named_is_told_beside_the_bundled_one(
    browser: Browser, results: Path
) -> None:
    with serving(results / "sim_damaged") as (address, _):
        page = browser.new_page()
        page.goto(address)
        expect(page.locator(".cw-trouble")).to_contain_text("sim_damaged/summary.json: differs")
        expect(page.locator(".cw-date")).to_have_text("Saturday 8 July 2017")
        expect(page.locator("#tab-watch select").first).to_have_value("")
        page.close()


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
