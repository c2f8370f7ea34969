"""The figures of a saved run on a page are those of its summary and of its plain tables."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scenarios import csv_folder
from scenarios.summary import Summary

Turn = Callable[[str], Page]
RUN = "sim_20170701_120000"


@pytest.fixture
def summed(turn: Turn) -> Page:
    """Turn to the tab and choose a run."""
    page = turn("Summary")
    page.locator("#tab-summary select").select_option(RUN)
    expect(page.locator("#tab-summary h2").first).to_contain_text("fontana_mixed: 4 homes, 1 day")
    return page


def test_the_tables_hold_what_the_run_wrote(summed: Page, results: Path) -> None:
    figures = Summary.model_validate_json((results / RUN / "summary.json").read_bytes())
    arms = summed.get_by_role("table", name="Arms and bounds")
    market = arms.get_by_role("row").filter(
        has=summed.get_by_role("rowheader", name="market", exact=True)
    )
    expect(market.get_by_role("cell").first).to_have_text(f"{figures.arms['market'].cost_usd:.2f}")
    plain = csv_folder.read(results / RUN)
    assert plain.optimized is not None
    assert plain.baseline is not None
    wallets = plain.baseline.figures().wallet_usd_final, plain.optimized.figures().wallet_usd_final
    homes = summed.get_by_role("table", name="Homes", exact=True)
    for place, home in enumerate(figures.homes):
        row = homes.get_by_role("row").nth(place + 1)
        expect(row.get_by_role("rowheader")).to_have_text(str(home.household_id))
        expect(row.get_by_role("cell").nth(0)).to_have_text(f"{wallets[0][place]:.2f}")
        expect(row.get_by_role("cell").nth(1)).to_have_text(f"{wallets[1][place]:.2f}")


def test_the_cards_tell_savings_wallets_grid_and_trade(summed: Page, results: Path) -> None:
    told = json.loads((results / RUN / "summary.json").read_text(encoding="utf-8"))
    cards = summed.locator("#tab-summary .cw-key")
    expect(cards.filter(has_text="Wallet improvement")).to_be_visible()
    saved = cards.filter(has_text="Saved by the market")
    expect(saved).to_contain_text(f"{told['headline']['savings_percent']:.1f} %")
    traded = cards.filter(has_text="Traded between homes")
    expect(traded).to_contain_text(f"{told['arms']['market']['p2p_kwh']:.1f} kWh")
    share = 1 - told["arms"]["market"]["import_kwh"] / told["arms"]["self_use"]["import_kwh"]
    expect(cards.filter(has_text="Grid-buy reduction")).to_contain_text(f"{100 * share:.1f} %")


def test_the_picture_says_what_it_shows(summed: Page) -> None:
    picture = summed.locator("#tab-summary img")
    assert picture.evaluate("image => image.naturalWidth") > 0
    assert str(picture.get_attribute("alt")).startswith('Cost by arm [USD]: {"grid_only": ')


def test_the_summary_is_downloaded_as_it_was_published(summed: Page, results: Path) -> None:
    with summed.expect_download() as download:
        summed.get_by_role("button", name="Download summary.json").click()
    assert download.value.suggested_filename == "summary.json"
    found = Path(str(download.value.path())).read_bytes()
    assert found == (results / RUN / "summary.json").read_bytes()


def test_axe_finds_nothing_serious(summed: Page, accessible: Callable[[Page], None]) -> None:
    accessible(summed)
