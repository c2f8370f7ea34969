"""Playback: buttons, slider, speeds, every key, and the counter of savings."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.conftest import Mount, expect_step
from tests.dashboard.packs import Pack, make

LAST = 95  # of the 96 steps of two days


def step_of(page: Page) -> int:
    return int(page.locator(".cw-slider").input_value())


def pressed(page: Page, name: str) -> str | None:
    return page.get_by_role("button", name=name, exact=True).get_attribute("aria-pressed")


def test_playback_begins_at_the_wanted_hour_of_the_day_with_most_consumption(mount: Mount) -> None:
    pack = make()
    for row in pack["arms"]["market"]["steps"]["load_kwh"][48:]:
        row[0] += 1.0
    page = mount(pack, startAt="17:00")
    expect(page.locator(".cw-clock")).to_have_text("17:00")
    expect(page.locator(".cw-date")).to_have_text("Sunday 2 July 2017")


def test_it_plays_by_itself_and_pauses_and_goes_on(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack, autoplay=True)
    page.get_by_role("button", name="Speed 10", exact=True).click()
    expect(page.locator(".cw-progress")).to_have_text(re.compile(r"^\d\d of 96$"))
    page.get_by_role("button", name="Pause").click()
    stood = step_of(page)
    page.wait_for_timeout(250)
    expect_step(page, stood)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".cw-slider")).not_to_have_value(str(stood))


def test_it_stops_at_the_end_and_begins_anew(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    for _ in range(3):
        page.keyboard.press("]")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect_step(page, LAST)
    for _ in range(4):
        page.keyboard.press("[")
    page.keyboard.press("Space")
    expect_step(page, 0)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


@pytest.mark.parametrize(
    ("keys", "step"),
    [
        (["ArrowRight"], 51),
        (["ArrowLeft"], 49),
        (["Shift+ArrowLeft"], 2),
        (["Shift+ArrowRight"], LAST),
        (["Home"], 0),
        (["End"], LAST),
        (["Home", "ArrowLeft"], 0),
        (["End", "ArrowRight"], LAST),
    ],
)
def test_a_key_moves_the_step(mount: Mount, small_pack: Pack, keys: list[str], step: int) -> None:
    page = mount(small_pack)
    page.locator(".cw-slider").fill("50")
    page.locator(".cw-slider").blur()
    for key in keys:
        page.keyboard.press(key)
    expect_step(page, step)


def test_brackets_change_the_speed_and_stay_within_its_range(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack)
    seen = []
    for key in ["[", "[", "[", "]", "]", "]", "]", "]", "]"]:
        page.keyboard.press(key)
        seen.append(page.locator(".cw-speed[aria-pressed=true]").inner_text().rstrip("\u00d7"))
    assert seen == ["0.5", "0.25", "0.25", "0.5", "1", "2", "4", "10", "10"]


def test_the_slider_says_the_local_time(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    slider = page.get_by_role("slider", name="Local time")
    slider.fill("49")
    expect(page.locator(".cw-clock")).to_have_text("00:30")
    expect(slider).to_have_attribute("aria-valuetext", "Sunday 2 July 2017, 00:30")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect_step(page, 48)


def test_b_puts_the_baseline_beside_on_the_left_under_the_same_clock(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack)
    page.keyboard.press("b")
    titles = page.locator(".cw-network-title")
    expect(titles).to_have_text(["Baseline: self-use", "Optimized: market"])
    assert pressed(page, "Baseline") == "true"
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    steps = {arm: small_pack["arms"][arm]["steps"] for arm in ("self_use", "market")}
    for place, arm in enumerate(("self_use", "market")):
        bought = sum(steps[arm]["import_kwh"][40])
        hub = page.locator(".cw-hub-buy").nth(place)
        expect(hub).to_have_text(f"buy {bought:.2f} kWh")
    page.keyboard.press("b")
    expect(titles).to_have_text(["Optimized: market"])


def test_f_fills_the_screen_and_gives_it_back(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement?.classList.contains('cw-player')")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")


def test_help_is_a_dialog_that_keeps_keys_to_itself(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys and signs")
    expect(dialog).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect_step(page, 0)
    page.get_by_role("button", name="Help").click()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_keys_rest_while_somebody_types(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input id=typed>')")
    page.focus("#typed")
    page.keyboard.type("b? [")
    page.keyboard.press("ArrowRight")
    assert page.input_value("#typed") == "b? ["
    expect_step(page, 0)
    assert pressed(page, "Baseline") == "false"
    page.evaluate("document.getElementById('typed').remove()")


def test_space_on_a_button_presses_that_button_only(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    page.get_by_role("button", name="Step forward").focus()
    page.keyboard.press("Space")
    expect_step(page, 1)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_the_headline_is_the_reference_less_the_optimized(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    page.keyboard.press("End")
    cost = {arm: costs[-1] for arm, costs in small_pack["cost_usd"].items()}
    saved = cost["grid_only"] - cost["market"]
    expect(page.locator(".cw-savings .cw-label")).to_have_text("Saved so far against grid only")
    expect(page.locator(".cw-saved")).to_have_text(f"${saved:.2f}")
    expect(page.locator(".cw-share")).to_have_text(f"{100 * saved / cost['grid_only']:.1f}%")
    traded = small_pack["arms"]["market"]["traded_kwh"][-1]
    expect(page.locator(".cw-figure")).to_have_text(f"{traded:.1f} kWh")


def test_without_grid_only_savings_are_counted_against_the_baseline(
    mount: Mount, small_pack: Pack
) -> None:
    costs = {arm: small_pack["cost_usd"][arm] for arm in ("self_use", "market")}
    page = mount({**small_pack, "cost_usd": costs})
    expect(page.locator(".cw-savings .cw-label")).to_have_text("Saved so far against self-use")


def test_reduced_motion_stops_dashes_and_counter_but_not_the_clock(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack, startAt="12:00")
    offset = (
        "document.querySelector('.cw-arrows .cw-arrow-dashes').getAttribute('stroke-dashoffset')"
    )
    page.keyboard.press("Space")
    page.wait_for_function(f"{offset} !== null")
    page.get_by_role("button", name="Less motion").click()
    stood = page.evaluate(offset)
    shown = "document.querySelector('.cw-saved').textContent"
    step, saved = page.evaluate(
        f"""before => new Promise((tell) => {{
            const timer = setInterval(() => {{
                const step = Number(document.querySelector('.cw-slider').value);
                if (step === before) return;
                clearInterval(timer);
                tell([step, {shown}]);
            }}, 5);
        }})""",
        step_of(page),
    )
    cost = {arm: costs[step] for arm, costs in small_pack["cost_usd"].items()}
    assert saved == f"${cost['grid_only'] - cost['market']:.2f}"
    assert page.evaluate(offset) == stood


def test_the_wish_of_the_system_for_less_motion_is_obeyed(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    page.emulate_media(reduced_motion="reduce")
    still = page.get_by_role("button", name="Less motion")
    expect(still).to_have_attribute("aria-pressed", "true")
    page.emulate_media(reduced_motion="no-preference")
    expect(still).to_have_attribute("aria-pressed", "false")


def test_another_run_is_picked_by_its_name(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack, showPicker=True)
    runs = [{"name": "sim_1", "title": "first"}, {"name": "sim_2", "title": "<b>second</b>"}]
    page.evaluate("runs => window.player.setRuns(runs, 'sim_1')", runs)
    picker = page.get_by_label("Run", exact=True)
    expect(picker).to_have_value("sim_1")
    picker.select_option(label="<b>second</b>")
    assert page.evaluate("window.opened") == ["sim_2"]


def test_a_destroyed_player_leaves_nothing_and_hears_nothing(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack)
    page.evaluate("window.player.destroy()")
    assert page.evaluate("document.getElementById('host').childElementCount") == 0
    page.keyboard.press("Space")
    page.keyboard.press("?")
    assert page.locator("dialog").count() == 0
