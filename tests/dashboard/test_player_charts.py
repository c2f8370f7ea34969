"""Charts: means and deviations, what can be switched off, and files that are saved."""

import re
import statistics
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.conftest import Mount
from tests.dashboard.packs import Pack, make, over_homes

SVG = "{http://www.w3.org/2000/svg}"
CHARTS = ["balance", "volume", "grid_buy", "battery", "prices", "wallet", "grid_sell"]
CHARTS += ["forecast_load", "forecast_pv"]


def chart(name: str, part: str = "") -> str:
    return f"[data-chart={name}] {part}".strip()


def label_of(page: Page, name: str) -> str:
    return page.locator(chart(name, "svg")).get_attribute("aria-label") or ""


def test_every_chart_is_there_and_says_its_latest_values(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    page.locator(".cw-slider").fill("26")
    expect(page.locator(".cw-progress")).to_have_text("27 of 96")
    assert page.eval_on_selector_all(".cw-chart", "all => all.map(c => c.dataset.chart)") == CHARTS
    market = small_pack["arms"]["market"]
    bought = statistics.mean(market["steps"]["import_kwh"][26])
    assert f"market {bought:.2f}" in label_of(page, "grid_buy")
    assert "n = 6" in label_of(page, "grid_buy")
    assert "n = 5" in label_of(page, "battery")  # one home has none
    assert "clearing 14.5" in label_of(page, "prices")
    expected = market["forecast_load_kwh"][26]
    assert f"forecast {expected:.2f}" in label_of(page, "forecast_load")


def _heights(page: Page, name: str, kind: str) -> list[float]:
    path = page.locator(chart(name, kind)).get_attribute("d") or ""
    return [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]


def test_a_band_is_one_population_deviation_either_way(mount: Mount) -> None:
    pack = make(homes=4, days=1)
    for row in pack["arms"]["market"]["steps"]["wallet_usd"]:
        row[:] = [10.0, 20.0, 30.0, 40.0]
    for row in pack["arms"]["self_use"]["steps"]["wallet_usd"]:
        row[:] = [0.0, 0.0, 0.0, 0.0]
    for arm in pack["arms"].values():
        arm["over_homes"] = over_homes(arm["steps"], pack["homes"])
    page = mount(pack)
    line = _heights(page, "wallet", ".cw-line-optimized[d]")
    zero = _heights(page, "wallet", ".cw-line-baseline[d]")
    band = _heights(page, "wallet", ".cw-band-optimized")
    unit = (zero[0] - line[0]) / 25.0  # px per USD
    deviation = statistics.pstdev([10.0, 20.0, 30.0, 40.0])
    assert line[0] - band[0] == pytest.approx(deviation * unit, abs=0.2)
    assert band[-1] - line[0] == pytest.approx(deviation * unit, abs=0.2)


def test_means_are_those_of_the_pack_over_all_homes(mount: Mount) -> None:
    pack = make(homes=5, days=1, others=40)
    pack["arms"]["market"]["over_homes"]["wallet_usd"]["mean"][0] = 12.34
    page = mount(pack)
    assert "n = 45" in label_of(page, "wallet")
    assert "n = 44" in label_of(page, "battery")  # one of the five has none
    assert "market 12.34" in label_of(page, "wallet")


def test_each_chart_and_each_band_can_be_switched_off_and_stays_off(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack)
    page.get_by_text("Choose charts").click()
    boxes = page.locator(".cw-chooser input")
    expect(boxes).to_have_count(len(CHARTS) + 4)
    page.get_by_role("checkbox", name="Prices").uncheck()
    page.locator("input[name='wallet:band']").uncheck()
    expect(page.locator(chart("prices"))).to_be_hidden()
    band = page.locator(chart("wallet", ".cw-bands"))
    expect(band).to_have_attribute("display", "none")
    mount(small_pack)
    expect(page.locator(chart("prices"))).to_be_hidden()
    page.get_by_text("Choose charts").click()
    page.get_by_role("checkbox", name="Prices").check()
    page.locator("input[name='wallet:band']").check()
    expect(page.locator(chart("prices"))).to_be_visible()
    expect(band).to_have_attribute("display", "inline")


def test_the_future_is_veiled_but_the_forecast_of_the_day_is_not(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack)
    page.locator(".cw-slider").fill("10")
    expect(page.locator(".cw-progress")).to_have_text("11 of 96")

    def place(part: str, name: str) -> float:
        found = page.locator(chart("forecast_load", part)).get_attribute(name)
        return float(found or "nan")

    left, width = 48.0, 402.0  # of the plot
    now = left + width * 10 / 95
    day_end = left + width * 47 / 95
    assert place(".cw-veil", "x") == pytest.approx(now, abs=0.1)
    reach = place("clipPath rect", "x") + place("clipPath rect", "width")
    assert reach == pytest.approx(day_end, abs=0.2)


@pytest.mark.parametrize("name", ["balance", "battery", "prices"])
def test_a_saved_svg_stands_alone(
    mount: Mount, small_pack: Pack, tmp_path: Path, name: str
) -> None:
    page = mount(small_pack)
    with page.expect_download() as download:
        page.locator(chart(name, ".cw-save")).first.click()
    assert download.value.suggested_filename == f"{name}-made_up.svg"
    download.value.save_as(tmp_path / "chart.svg")
    root = ET.parse(tmp_path / "chart.svg").getroot()  # noqa: S314 - a file of our own
    assert root.tag == f"{SVG}svg"
    assert (root.get("width"), root.get("height")) == ("460", "178")
    paths = root.findall(f".//{SVG}path")
    assert paths
    assert all("stroke" in (path.get("style") or "") for path in paths)
    text = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert "class=" not in text
    assert "var(" not in text


def test_a_saved_png_is_one_of_three_pixels_per_unit(
    mount: Mount, small_pack: Pack, tmp_path: Path
) -> None:
    page = mount(small_pack)
    with page.expect_download() as download:
        page.locator(chart("volume", ".cw-save")).last.click()
    assert download.value.suggested_filename == "volume-made_up.png"
    download.value.save_as(tmp_path / "chart.png")
    head = (tmp_path / "chart.png").read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (1380, 534)


def test_many_steps_are_drawn_with_few_points(mount: Mount) -> None:
    pack = make(homes=1, days=30, pairs_max=0)
    page = mount(pack)
    path = page.locator(chart("balance", ".cw-line-load[d]")).get_attribute("d") or ""
    assert len(pack["local"]) == 1440
    assert 500 < path.count("L") <= 1001


def test_the_list_of_charts_closes_and_leaves_the_first_charts_buttons_free(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack)
    summary, boxes = page.get_by_text("Choose charts"), page.locator(".cw-chooser fieldset")
    summary.click()
    page.locator(chart("balance", ".cw-save")).first.click(trial=True)
    page.keyboard.press("Escape")
    expect(boxes).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    page.locator(".cw-date").click()
    expect(boxes).to_be_hidden()
    none = page.get_by_text("All charts are switched off")
    expect(none).to_be_hidden()
    checked = "document.querySelectorAll('.cw-choice label:first-child input')"
    page.evaluate(f"{checked}.forEach((box) => box.click())")
    expect(none).to_be_visible()
    page.evaluate(f"{checked}.forEach((box) => box.click())")
    expect(none).to_be_hidden()
