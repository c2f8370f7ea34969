"""Packs: live ones that grow, small and empty ones, damaged ones, and hostile words in them."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tests.dashboard.conftest import Mount
from tests.dashboard.packs import Pack, frames, make, over_homes, unlived

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


def append(page: Page, frame: Pack) -> None:
    page.evaluate("frame => window.player.append(frame)", frame)


def test_a_live_run_grows_is_followed_and_becomes_a_playback(mount: Mount) -> None:
    pack = make(homes=4, days=1)
    page = mount(unlived(pack), live=True)
    expect(page.locator(".cw-progress")).to_have_text("0 of 48")
    for frame in frames(pack)[:17]:
        append(page, frame)
    expect(page.locator(".cw-progress")).to_have_text("17 of 48")
    expect(page.locator(".cw-clock")).to_have_text("08:00")
    page.keyboard.press("ArrowLeft")
    append(page, frames(pack)[17])
    expect(page.locator(".cw-progress")).to_have_text("16 of 48")  # scrubbed back: not followed
    page.get_by_role("button", name="Newest step").click()
    expect(page.locator(".cw-progress")).to_have_text("18 of 48")
    for frame in frames(pack)[18:]:
        append(page, frame)
    page.evaluate("summary => window.player.finish(summary)", {})
    expect(page.locator(".cw-progress")).to_have_text("48 of 48")
    saved = pack["cost_usd"]["grid_only"][-1] - pack["cost_usd"]["market"][-1]
    expect(page.locator(".cw-saved")).to_have_text(f"${saved:.2f}")
    expect(page.get_by_role("button", name="Newest step")).to_be_hidden()
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    expect(page.locator(".cw-progress")).not_to_have_text("1 of 48")


def test_a_live_run_ends_as_the_same_picture_as_its_pack(mount: Mount) -> None:
    pack = make(homes=4, days=1)
    page = mount(pack)
    page.keyboard.press("End")
    charts = "() => [...document.querySelectorAll('.cw-chart path')].map(p => p.getAttribute('d'))"
    shown = page.evaluate(charts)
    page = mount(unlived(pack), live=True)
    page.evaluate("frames => frames.forEach((f) => window.player.append(f))", frames(pack))
    page.evaluate("() => window.player.finish({})")
    expect(page.locator(".cw-progress")).to_have_text("48 of 48")
    page.wait_for_function(f"want => JSON.stringify(({charts})()) === want", arg=_json(page, shown))


def _json(page: Page, value: object) -> str:
    return str(page.evaluate("value => JSON.stringify(value)", value))


def test_a_live_frame_out_of_turn_or_damaged_is_refused_and_changes_nothing(mount: Mount) -> None:
    pack = make(homes=3, days=1)
    page = mount(unlived(pack), live=True)
    append(page, frames(pack)[0])
    with pytest.raises(Error, match="step 5 came where 1 was due"):
        append(page, frames(pack)[5])
    broken = copy.deepcopy(frames(pack)[1])
    del broken["arms"]["market"]["steps"]["load_kwh"]
    with pytest.raises(Error, match=r"market\.load_kwh"):
        append(page, broken)
    append(page, frames(pack)[1])
    expect(page.locator(".cw-progress")).to_have_text("2 of 48")


def test_live_steps_that_come_fast_are_counted_to_the_cent_at_once(mount: Mount) -> None:
    pack = make(homes=4, days=1)
    page = mount(unlived(pack), live=True)
    said = []
    for frame in frames(pack)[:5]:
        append(page, frame)
        expect(page.locator(".cw-progress")).to_have_text(f"{frame['index'] + 1} of 48")
        said.append(page.locator(".cw-saved").inner_text())
    cost = pack["cost_usd"]
    assert said == [f"${cost['grid_only'][t] - cost['market'][t]:.2f}" for t in range(5)]


def _without_trades(pack: Pack) -> None:
    pack["arms"]["market"]["trades"] = [[] for _ in pack["local"]]


def _without_prices(pack: Pack) -> None:
    for name in ("signal_cents_per_kwh", "clearing_cents_per_kwh"):
        pack["arms"]["market"][name] = [None] * len(pack["local"])


def _without_baseline(pack: Pack) -> None:
    pack["baseline"] = None
    pack["cost_usd"] = {"market": pack["cost_usd"]["market"]}
    del pack["arms"]["self_use"]


def _without_scores(pack: Pack) -> None:
    steps = pack["arms"]["market"]["steps"]
    steps["score"] = [[None] * len(row) for row in steps["score"]]


def _without_batteries(pack: Pack) -> None:
    for home in pack["homes"]:
        home["battery_capacity_kwh"] = 0.0
    for arm in pack["arms"].values():
        arm["over_homes"] = over_homes(arm["steps"], pack["homes"])


@pytest.mark.parametrize(
    ("homes", "days", "change"),
    [
        (1, 1, lambda _: None),
        (5, 1 / 48, lambda _: None),
        (1, 1 / 48, _without_baseline),
        (5, 1, _without_trades),
        (5, 1, _without_prices),
        (5, 1, _without_baseline),
        (5, 1, _without_scores),
        (5, 1, _without_batteries),
    ],
)
def test_a_pack_with_little_in_it_plays(
    mount: Mount, homes: int, days: float, change: Callable[[Pack], None]
) -> None:
    pack = make(homes=homes, days=days)
    change(pack)
    page = mount(pack, autoplay=True, startAt="17:00")
    for key in ("End", "b", "Home"):
        page.keyboard.press(key)
    count = len(pack["local"])
    expect(page.locator(".cw-progress")).to_have_text(f"1 of {count}")
    expect(page.locator(".cw-node")).to_have_count(homes * (2 if pack["baseline"] else 1))
    text = page.locator(".cw-player").inner_text()
    assert re.search(r"NaN|undefined|null|Infinity", text) is None
    drawn = page.eval_on_selector_all(".cw-player svg *", "all => all.map(e => e.outerHTML)")
    assert not [part for part in drawn if re.search(r"NaN|undefined|Infinity", part)]


def test_words_of_any_content_are_shown_as_they_are(mount: Mount, small_pack: Pack) -> None:
    pack = copy.deepcopy(small_pack)
    pack["title"] = pack["scenario"] = HOSTILE
    pack["homes"][0]["id"] = HOSTILE
    pack["arms"][HOSTILE] = pack["arms"].pop("market")
    pack["cost_usd"][HOSTILE] = pack["cost_usd"].pop("market")
    pack["optimized"] = HOSTILE
    page = mount(pack, showPicker=True)
    page.evaluate("name => window.player.setRuns([{name, title: name}], name)", HOSTILE)
    page.locator(".cw-slider").fill("26")
    page.locator(".cw-node").first.focus()
    page.get_by_role("button", name="Table").click()
    page.keyboard.press("b")
    assert page.locator("img").count() == 0
    assert page.title() == "Player"
    assert page.locator(".cw-title").text_content() == HOSTILE
    expect(page.locator(".cw-homes-table tbody th").first).to_have_text(f"Home {HOSTILE}")
    page.get_by_role("button", name="Charts", exact=True).click()


def _set(*path: str | int, value: object) -> Callable[[Pack], None]:
    def change(pack: Pack) -> None:
        place: Any = pack
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value

    return change


STEPS = ("arms", "market", "steps")
DAMAGES = {
    "format": (_set("format", value="zip"), "not a timeline"),
    "version": (_set("version", value=2), "its version is 2"),
    "homes": (_set("homes", value=[]), "no homes"),
    "arms": (_set("arms", value=None), "arms is not a record"),
    "arm": (_set("optimized", value="toString"), "the arm toString is missing"),
    "row": (_set(*STEPS, "load_kwh", 3, value=[1.0]), r"market\.load_kwh, step 3, has 1 entries"),
    "text": (_set(*STEPS, "pv_kwh", 3, 0, value="<b>"), r"market\.pv_kwh, step 3, holds something"),
    "short": (_set(*STEPS, "score", value=[]), r"market\.score has 0 entries, not 96"),
    "trade": (
        _set("arms", "market", "trades", 2, value=[[0, 99, 1.0, 5.0]]),
        "step 2, holds a trade",
    ),
    "time": (_set("local", 0, value="yesterday"), "an entry of local is not a time"),
    "cost": (_set("cost_usd", "market", value=[1.0]), r"cost_usd\.market has 1 entries"),
    "traded": (_set("arms", "market", "traded_kwh", value=[1.0]), r"market\.traded_kwh has 1 ent"),
    "spread": (
        _set("arms", "market", "over_homes", "wallet_usd", "mean", value=["x"] * 96),
        r"market\.over_homes\.wallet_usd\.mean holds something",
    ),
    "count": (
        _set("arms", "market", "over_homes", "battery_fraction", "count", value=None),
        r"battery_fraction\.count is not a count",
    ),
    "homeless": (_set("arms", "market", "over_homes", value=None), "over_homes is not a record"),
    "minutes": (_set("step_minutes", value=0), "step_minutes is not above 0"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_pack_is_refused_in_one_sentence_and_the_last_stays(
    mount: Mount, small_pack: Pack, damage: str
) -> None:
    change, sentence = DAMAGES[damage]
    page = mount(small_pack)
    pack = copy.deepcopy(small_pack)
    change(pack)
    with pytest.raises(Error, match=f"This run cannot be shown: .*{sentence}"):
        page.evaluate("pack => window.player.load(pack)", pack)
    page.keyboard.press("End")
    expect(page.locator(".cw-progress")).to_have_text("96 of 96")


@pytest.mark.parametrize("pack", [None, [], "text", 5, {}])
def test_what_is_no_pack_at_all_is_refused(mount: Mount, pack: object) -> None:
    page = mount(None)
    with pytest.raises(Error, match="This run cannot be shown"):
        page.evaluate("pack => window.player.load(pack)", pack)
