"""Knobs are typed in a browser: refused at their field, reset, saved, loaded, checked."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.pages import parameters
from dashboard.sheet import Sheet
from scenarios.load import load
from scenarios.schema import Scenario

Turn = Callable[[str], Page]
STATE = "#tab-parameters .cw-state"


@pytest.fixture
def knobs(turn: Turn) -> Page:
    """Turn to the tab, with the shipped scenario that a visitor finds there."""
    page = turn("Parameters")
    page.get_by_label("Start from").select_option("fontana_mixed")
    page.get_by_role("button", name="Load it").click()
    expect(page.locator(STATE)).to_have_text("fontana_mixed is valid: 7 days from 2017-07-01.")
    return page


def _type(page: Page, knob: str, text: str) -> None:
    field = page.get_by_label(knob, exact=True)
    field.fill(text)
    field.press("Tab")


def test_a_bad_value_is_refused_at_its_field_and_a_good_one_counts(knobs: Page) -> None:
    _type(knobs, "battery.capacity_kwh", "-3")
    field = knobs.get_by_label("battery.capacity_kwh", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "Nominal capacity of the cells [kWh]: a common wall battery. May be: number, above 0 and "
        "10000 or less. Default: 13.5. must be above 0 (got -3)"
    )
    expect(knobs.locator(STATE)).to_contain_text("the last valid scenario, fontana_mixed, stays so")
    _type(knobs, "battery.capacity_kwh", "7")
    expect(knobs.locator(STATE)).to_contain_text("fontana_mixed is valid")
    knobs.get_by_role("button", name="Reset battery.capacity_kwh to its default").click()
    expect(field).to_have_value("13.5")


def test_an_explanation_is_reached_by_keyboard(knobs: Page) -> None:
    about = knobs.get_by_role("button", name="About run.days")
    tip = knobs.locator("#knob-run-days-tip")
    expect(tip).to_be_hidden()
    about.focus()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("whole number, 1 or more")
    about.press("Escape")
    expect(tip).to_be_hidden()


def test_knobs_are_found_by_a_word(knobs: Page) -> None:
    knobs.get_by_label("Find a knob").fill("fade cycle")
    shown = knobs.locator("#tab-parameters .cw-knob label")
    expect(shown).to_have_text(["fade_fraction_per_cycle [1]"])
    knobs.get_by_label("Find a knob").fill("no such knob at all")
    expect(knobs.get_by_text("No knob is like that.")).to_be_visible()
    knobs.get_by_label("Find a knob").fill("")
    knobs.get_by_label("Only what differs from its default").check()
    expect(shown).to_have_count(5)
    knobs.get_by_label("Only what differs from its default").uncheck()


def test_a_group_opens_by_keyboard(knobs: Page) -> None:
    group = knobs.locator("#tab-parameters summary").filter(has_text="What the grid charges")
    knob = knobs.get_by_label("tariff.name", exact=True)
    expect(knob).to_have_count(0)
    group.focus()
    group.press("Enter")
    expect(knob).to_be_visible()
    group.press("Enter")
    expect(knob).to_have_count(0)


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_what_is_saved_is_loaded(knobs: Page, kind: str, tmp_path: Path) -> None:
    _type(knobs, "run.days", "3")
    expect(knobs.locator(STATE)).to_contain_text("3 days")
    with knobs.expect_download() as download:
        knobs.get_by_role("button", name=f"Save {kind.upper()}").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == f"fontana_mixed.{kind}"
    assert load(str(path)) == load("fontana_mixed", ["run.days=3"])
    _type(knobs, "run.days", "5")
    expect(knobs.locator(STATE)).to_contain_text("5 days")
    knobs.get_by_label("Load a scenario").set_input_files(path)
    expect(knobs.locator(STATE)).to_contain_text("3 days")


def test_a_file_that_reads_another_is_refused(knobs: Page) -> None:
    content = b"base: ../../etc/passwd\n"
    file = {"name": "mine.yaml", "mimeType": "text/yaml", "buffer": content}
    knobs.get_by_label("Load a scenario").set_input_files(files=[file])  # type: ignore[list-item]
    card = knobs.get_by_role("alert")
    expect(card).to_contain_text("mine.yaml:1: base: must be one of base, dynamic_caiso")
    card.get_by_role("button", name="Close").click()
    expect(knobs.locator(STATE)).to_contain_text("fontana_mixed is valid")


def test_an_override_is_laid_over_and_all_is_reset(knobs: Page) -> None:
    knobs.get_by_role("button", name="Lay over").click()
    knobs.get_by_label("Find a knob").fill("order_max_kwh")
    expect(knobs.get_by_label("market.order_max_kwh", exact=True)).to_have_value("")
    knobs.get_by_role("button", name="Reset all").click()
    expect(knobs.get_by_label("market.order_max_kwh", exact=True)).to_have_value("2.0")
    knobs.get_by_label("Find a knob").fill("")
    expect(knobs.locator(STATE)).to_contain_text("base is valid")


def test_what_the_data_refuses_is_shown_at_its_knob(knobs: Page) -> None:
    _type(knobs, "run.days", "400")
    expect(knobs.locator(STATE)).to_contain_text("400 days")
    knobs.get_by_role("button", name="Check against the data").click()
    expect(knobs.locator("#knob-run-days-fault")).to_have_text(
        "must be at most 350, 15 days of history come first (got 400)"
    )
    _type(knobs, "run.days", "2")
    knobs.get_by_role("button", name="Check against the data").click()
    expect(knobs.locator(STATE)).to_contain_text("It fits its data.")


def test_axe_finds_nothing_serious(knobs: Page, accessible: Callable[[Page], None]) -> None:
    _type(knobs, "battery.capacity_kwh", "-3")
    expect(knobs.locator("#knob-battery-capacity_kwh-fault")).to_be_visible()
    accessible(knobs)


def test_a_line_says_how_a_sheet_stands() -> None:
    plain = Sheet(Scenario())
    assert parameters.saying(plain) == "base is valid: 7 days from 2017-07-01."
    one = plain.with_typed("run.days", "0", {})
    assert parameters.saying(one).startswith("A value is not in force; the last valid scenario")
    two = one.with_typed("seed", "-1", {})
    assert parameters.saying(two).startswith("2 values are not in force")
