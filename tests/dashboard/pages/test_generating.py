"""Homes and capacity are generated in a browser, downloaded, used; a bad figure is refused."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from profiles.grid_capacity import GridCapacity
from profiles.tables.table import opened

Turn = Callable[[str], Page]


def _form(page: Page, name: str) -> Locator:
    return page.get_by_role("form", name=name)


def _card(page: Page, title: str) -> Locator:
    return page.locator("#tab-data .cw-card").filter(has=page.get_by_role("heading", name=title))


def _download(card: Locator, folder: Path) -> Path:
    with card.page.expect_download() as download:
        card.get_by_role("link", name="Download").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_homes_are_generated_downloaded_and_used(turn: Turn, tmp_path: Path) -> None:
    page = turn("Data")
    form, card = _form(page, "Homes to generate"), _card(page, "Generate homes")
    form.get_by_label("homes").fill("0")
    form.get_by_role("button", name="Generate").click()
    expect(form.locator(".cw-fault")).to_have_text("must be at least 1 (got 0)")
    form.get_by_label("homes").fill("2")
    form.get_by_label("days").fill("18")
    form.get_by_label("file").select_option("Parquet")
    form.get_by_role("button", name="Generate").click()
    expect(card.get_by_text("2 homes, 1728 rows")).to_be_visible()
    path = _download(card, tmp_path)
    assert (path.name, opened(path).rows_count) == ("homes.parquet", 1728)
    card.get_by_role("button", name="Use for the scenario").click()
    expect(card.get_by_text("The scenario uses them now")).to_contain_text("it runs 3 days")
    knobs = turn("Parameters")
    knobs.get_by_label("Find a knob").fill("profiles.")
    expect(knobs.get_by_label("profiles.source", exact=True)).to_have_value("synthetic")
    expect(knobs.get_by_label("profiles.synthetic.homes_count", exact=True)).to_have_value("2")


def test_capacity_is_generated_downloaded_and_used(turn: Turn, tmp_path: Path) -> None:
    page = turn("Data")
    form, card = _form(page, "Capacity to generate"), _card(page, "Generate grid capacity")
    form.get_by_label("noise").fill("much")
    form.get_by_role("button", name="Generate").click()
    expect(form.locator(".cw-fault")).to_have_text("must be a number (got 'much')")
    form.get_by_label("noise").fill("0")
    form.get_by_role("button", name="Generate").click()
    expect(card.get_by_text("336 steps")).to_be_visible()
    path = _download(card, tmp_path)
    assert path.name == "grid_capacity.csv"
    assert GridCapacity.from_file(path).import_capacity_kw.max() == 50.0
    card.get_by_role("button", name="Use for the scenario").click()
    expect(card.get_by_text("The scenario uses it now.")).to_be_visible()
    knobs = turn("Parameters")
    knobs.get_by_label("Find a knob").fill("grid.capacity_path")
    file = knobs.get_by_label("grid.capacity_path", exact=True)
    expect(file).to_have_value("grid_capacity.csv")
