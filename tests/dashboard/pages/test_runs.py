"""Saved runs are listed whatever state they are in, opened, verified, two of them compared."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.pages import runs
from scenarios.runs import ComparedFigure

Turn = Callable[[str], Page]
FIRST, SECOND = "sim_20170701_120000", "sim_20170702_120000"


@pytest.fixture
def listed(turn: Turn) -> Page:
    """Turn to the tab."""
    return turn("Runs")


def _row(page: Page, name: str) -> Locator:
    table = page.get_by_role("table", name="Saved runs")
    return table.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))


def test_every_run_is_listed_and_says_why_it_cannot_be_opened(listed: Page) -> None:
    for name in (FIRST, SECOND):
        expect(_row(listed, name)).to_contain_text("fontana_mixed")
    expect(_row(listed, "sim_unfinished")).to_contain_text("one that was not finished")
    expect(_row(listed, "sim_damaged")).to_contain_text("summary.json")
    for name in ("sim_unfinished", "sim_damaged"):
        expect(_row(listed, name).get_by_role("button", name="Watch")).to_be_hidden()
        expect(_row(listed, name).get_by_role("checkbox")).to_have_count(0)


def test_runs_are_sorted_by_a_column(listed: Page) -> None:
    table = listed.get_by_role("table", name="Saved runs")
    heading = table.get_by_role("columnheader", name="saved [%]")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    rising = table.get_by_role("rowheader").all_inner_texts()
    heading.get_by_role("button").press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert table.get_by_role("rowheader").all_inner_texts() == rising[::-1]


def test_two_runs_are_compared(listed: Page, results: Path) -> None:
    for name in (FIRST, SECOND):
        listed.get_by_role("checkbox", name=f"Pick {name}").check()
    table = listed.get_by_role("table", name=f"{FIRST} beside {SECOND}")
    row = table.get_by_role("row").filter(
        has=listed.get_by_role("rowheader", name="cost of market", exact=True)
    )
    from scenarios import runs as saved  # noqa: PLC0415, the page has the name

    first, second = (
        saved.figures(results, name).arms["market"].cost_usd for name in (FIRST, SECOND)
    )
    wanted = ["USD", f"{first:.2f}", f"{second:.2f}", f"{second - first:+.2f}"]
    expect(row.get_by_role("cell")).to_have_text(wanted)
    listed.get_by_role("checkbox", name=f"Pick {FIRST}").uncheck()
    expect(table).to_have_count(0)


def test_a_run_is_verified_in_words(listed: Page) -> None:
    listed.get_by_role("button", name=f"Verify {FIRST}").click()
    expect(listed.get_by_text(f"{FIRST}: every file is what was written")).to_be_visible()
    listed.get_by_role("button", name="Verify sim_damaged").click()
    expect(listed.get_by_text("summary.json: differs from what was written")).to_be_visible()


def test_a_run_is_opened_and_summed_up(listed: Page, turn: Turn) -> None:
    listed.get_by_role("button", name=f"Summary {SECOND}").click()
    expect(listed.locator("#tab-summary h2").first).to_contain_text("fontana_mixed: 4 homes")
    turn("Runs").get_by_role("button", name=f"Watch {FIRST}").click()
    expect(listed.locator("#tab-watch")).to_be_visible()
    expect(listed.get_by_role("button", name="Watch", exact=True)).to_have_attribute(
        "aria-current", "page"
    )


def test_axe_finds_nothing_serious(listed: Page, accessible: Callable[[Page], None]) -> None:
    accessible(listed)


@pytest.mark.parametrize(
    ("figure", "texts"),
    [
        (
            ComparedFigure("cost of market", "USD", 12.345, 10.0),
            ["cost of market", "USD", "12.35", "10", "-2.35"],
        ),
        (
            ComparedFigure("saved against grid_only", "1", 0.25, 0.5),
            ["saved against grid_only", "%", "25", "50", "+25 points"],
        ),
        (
            ComparedFigure("captured of the bound", "1", 0.5, 0.25),
            ["captured of the bound", "%", "50", "25", "-25 points"],
        ),
        (ComparedFigure("homes", "1", 9.0, 10.0), ["homes", "", "9", "10", "+1"]),
        (
            ComparedFigure("cost of gross", "USD", None, 1.5),
            ["cost of gross", "USD", "-", "1.50", "-"],
        ),
    ],
)
def test_a_figure_of_two_runs_is_a_row(figure: ComparedFigure, texts: list[str]) -> None:
    assert runs.figure_row(figure)["texts"] == texts
