"""What the player says of a run: the true figure at any speed, and where it stands in time."""

import pytest
from playwright.sync_api import expect

from tests.dashboard.conftest import Mount, expect_step
from tests.dashboard.packs import Pack, make

LAST = 95  # of the 96 steps of two days

SAVED_AT_EACH_STEP = """count => new Promise((tell) => {
    const seen = new Map();
    const timer = setInterval(() => {
        const step = Number(document.querySelector(".cw-slider").value);
        seen.set(step, document.querySelector(".cw-saved").textContent);
        if (seen.size < count) return;
        clearInterval(timer);
        tell([...seen].slice(0, -1));
    }, 5);
})"""


def saved_usd(pack: Pack, step: int) -> float:
    cost = pack["cost_usd"]
    return float(cost["grid_only"][step] - cost["market"][step])


def test_at_ten_steps_a_second_the_counter_is_that_of_the_step(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack, startAt="12:00")
    page.get_by_role("button", name="Speed 10", exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Play", exact=True).click()
    seen = page.evaluate(SAVED_AT_EACH_STEP, 6)
    assert len(seen) == 5
    assert seen == [[step, f"${saved_usd(small_pack, step):.2f}"] for step, _ in seen]


def test_a_null_hour_is_the_first_step_and_a_pack_may_have_its_own(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack, startAt=None)
    expect_step(page, 0)
    page.evaluate("pack => window.player.load(pack, {startAt: '17:00'})", small_pack)
    expect(page.locator(".cw-clock")).to_have_text("17:00")


def test_a_run_is_named_once_it_is_shown(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack, showPicker=True)
    runs = [{"name": "sim_1", "title": "first"}, {"name": "sim_2", "title": "second"}]
    page.evaluate("runs => window.player.setRuns(runs, 'sim_1')", runs)
    picker = page.get_by_label("Run", exact=True)
    picker.select_option("sim_2")
    expect(picker).to_have_value("sim_1")
    page.evaluate("pack => window.player.load(pack)", small_pack)
    expect(picker).to_have_value("sim_2")


def test_a_player_that_was_cleared_is_as_one_without_a_run(mount: Mount, small_pack: Pack) -> None:
    page = mount(None, live=True)
    words = page.locator(".cw-empty-words")
    expect(words).to_have_text("No run yet")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_disabled()
    page.evaluate("pack => window.player.load(pack)", small_pack)
    expect(words).to_be_hidden()
    page.keyboard.press("Space")
    expect(page.locator(".cw-saved")).not_to_have_text("\u2013")
    page.evaluate("window.player.clear()")
    expect(words).to_be_visible()
    expect(page.locator(".cw-node, .cw-chart")).to_have_count(0)
    expect(page.locator(".cw-saved")).to_have_text("\u2013")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_disabled()
    for key in ("Space", "End", "Shift+ArrowRight", "b"):
        page.keyboard.press(key)
    page.evaluate("pack => window.player.load(pack)", small_pack)
    expect_step(page, 0)


def _clocks(pack: Pack, times: list[str]) -> Pack:
    """Give a pack other local times, as many as there are."""
    cut = {"local": times, "steps_count": len(times)}
    assert len(times) == len(pack["local"])
    return {**pack, **cut}


def _hours(date: str, hours: list[int]) -> list[str]:
    return [f"{date} {hour:02d}:{minute:02d}" for hour in hours for minute in (0, 30)]


AUTUMN = _hours("2017-11-04", [*range(24)]) + _hours("2017-11-05", [0, 1, 1, *range(2, 23)])
SPRING = _hours("2017-03-11", [*range(24)]) + _hours("2017-03-12", [0, 1, *range(3, 24)])


def test_a_day_on_is_the_same_time_by_the_clock(mount: Mount, small_pack: Pack) -> None:
    page = mount(_clocks(small_pack, AUTUMN))
    clock, slider = page.locator(".cw-clock"), page.locator(".cw-slider")
    slider.fill("24")
    slider.blur()
    page.keyboard.press("Shift+ArrowRight")
    expect(clock).to_have_text("12:00")
    page.keyboard.press("Shift+ArrowLeft")
    expect_step(page, 24)
    slider.fill(str(AUTUMN.index("2017-11-05 01:00")))
    expect(clock).to_have_text("01:00")
    slider.fill(str(AUTUMN.index("2017-11-05 01:00") + 2))
    expect(clock).to_have_text("01:00 (2nd)")
    expect(slider).to_have_attribute("aria-valuetext", "Sunday 5 November 2017, 01:00 (2nd)")
    page = mount(_clocks(make(days=94 / 48), SPRING))
    slider.fill("5")  # 02:30, which the next day has not
    slider.blur()
    page.keyboard.press("Shift+ArrowRight")
    expect(clock).to_have_text("03:00")


def test_a_loss_is_called_one_and_a_single_arm_only_costs(mount: Mount, small_pack: Pack) -> None:
    cost = small_pack["cost_usd"]
    worse = {**cost, "market": [usd + 0.011 for usd in cost["grid_only"]]}
    page = mount({**small_pack, "cost_usd": worse})
    label, counter = page.locator(".cw-savings .cw-label"), page.locator(".cw-counter")
    expect(label).to_have_text("Loss so far against grid only")
    expect(counter).to_have_class("cw-counter cw-loss")
    expect(page.locator(".cw-saved")).to_have_text("\u2212$0.01")
    alone = {"market": cost["market"]}
    page = mount({**small_pack, "cost_usd": alone, "baseline": None})
    expect(label).to_have_text("Cost so far")
    page.keyboard.press("End")
    expect(page.locator(".cw-saved")).to_have_text(f"${cost['market'][-1]:.2f}")
    expect(page.locator(".cw-network-title")).to_have_text("market")


@pytest.mark.parametrize(
    ("steps", "start", "note"),
    [
        (240, "2017-07-01T07:00:00Z", "first 2 of 5 days"),
        (240, "2017-06-30T07:00:00Z", "2 of 5 days"),
        (96, "2017-07-01T07:00:00Z", ""),
    ],
)
def test_a_run_that_is_longer_than_shown_says_so(
    mount: Mount, small_pack: Pack, steps: int, start: str, note: str
) -> None:
    page = mount({**small_pack, "summary": {"steps_count": steps, "start_utc": start}})
    expect(page.locator(".cw-part")).to_have_text(note)
