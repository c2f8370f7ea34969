"""Files are brought in a browser: looked at, used, refused in a sentence; a folder is chosen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard import uploads
from dashboard.pages import data
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Profiles
from profiles.recorded import write

Turn = Callable[[str], Page]
HOSTILE = "<img src=x onerror=window.hacked=1>"


@pytest.fixture
def page_of_data(turn: Turn) -> Page:
    """Turn to the tab."""
    return turn("Data")


def _card(page: Page, title: str) -> Locator:
    return page.locator("#tab-data .cw-card").filter(
        has=page.get_by_role("heading", name=title, exact=True)
    )


def _bring(card: Locator, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    card.locator("input[type=file]").set_input_files(files=[file])  # type: ignore[list-item]


def test_own_homes_are_shown_and_used(
    page_of_data: Page, tmp_path: Path, three_homes: Profiles
) -> None:
    path = tmp_path / "own.parquet"
    write.write_long(three_homes, path)
    card = _card(page_of_data, "Household data")
    card.get_by_label("Household file").set_input_files(path)
    expect(card.get_by_text("3 homes: 2, 5, 9; 2 with panels")).to_be_visible()
    expect(card.get_by_role("table", name="The first rows")).to_contain_text("2017-06-05 00:30")
    card.get_by_role("button", name="Use for the scenario").click()
    expect(card.get_by_text("The scenario uses it now")).to_contain_text("it runs 5 days from")
    expect(_card(page_of_data, "Other files")).to_contain_text("own.parquet")


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("fake.parquet", b"PAR1 fake", "fake.parquet: is not a whole Parquet file"),
        ("a.csv", b"ts,home,load_kwh\n2017-07-01 00:00,1,n/a\n", "a.csv:2: load_kwh"),
        ("b.csv", f"ts,home,load_kwh\n2017-07-01,{HOSTILE},1\n".encode(), "b.csv:2: home"),
        (f"{HOSTILE}.csv", b"", f"{HOSTILE}.csv: is empty"),
        ("../../../etc/passwd.csv", b"\0", "passwd.csv:1: is not text (a zero byte)"),
    ],
)
def test_what_is_no_data_is_refused_in_a_sentence(
    page_of_data: Page, name: str, content: bytes, refusal: str
) -> None:
    card = _card(page_of_data, "Household data")
    _bring(card, name, content)
    expect(card.get_by_role("alert")).to_contain_text(refusal)
    assert "/tmp" not in card.get_by_role("alert").inner_text()  # noqa: S108, only looked for
    assert page_of_data.evaluate("window.hacked") is None
    expect(card.get_by_role("button", name="Use for the scenario")).to_have_count(0)


def test_another_kind_of_file_is_not_taken(page_of_data: Page) -> None:
    _bring(_card(page_of_data, "Other files"), "tool.exe", b"MZ")
    alert = page_of_data.locator(".cw-trouble")
    expect(alert).to_contain_text("tool.exe: must end in .csv, .parquet")
    alert.get_by_role("button", name="Close").click()


def test_a_file_that_is_too_long_is_not_sent(page_of_data: Page, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.truncate(uploads.BYTES_MAX + 1_000_000)
    _card(page_of_data, "Household data").get_by_label("Household file").set_input_files(path)
    alert = page_of_data.locator(".cw-trouble")
    expect(alert).to_contain_text("long.csv: must have at most 64 MiB (got 65 MiB)")
    alert.get_by_role("button", name="Close").click()


def test_stamps_without_a_clock_are_read_by_one_that_is_typed(page_of_data: Page) -> None:
    card = _card(page_of_data, "Household data")
    rows = [f"2017-07-{d:02} {h:02}:00,1,0.5" for d in range(1, 4) for h in range(24)]
    _bring(card, "bare.csv", "\n".join(["ts,home,load_kwh", *rows]).encode())
    expect(card.get_by_role("alert")).to_contain_text("the stamps of bare.csv have no zone")
    card.get_by_label("Clock of stamps without one").fill("UTC")
    card.get_by_role("button", name="Read again").click()
    expect(card.get_by_text("2017-07-01 00:00 to 2017-07-04 00:00, UTC")).to_be_visible()


def test_own_capacity_is_shown_and_used(page_of_data: Page, tmp_path: Path) -> None:
    path = tmp_path / "grid.csv"
    GridCapacity.constant(50.0, 40.0, 336).save(path)
    card = _card(page_of_data, "Grid capacity")
    card.get_by_label("Capacity file").set_input_files(path)
    expect(card.get_by_text("336 steps, 7.0 days")).to_be_visible()
    card.get_by_role("button", name="Use for the scenario").click()
    expect(card.get_by_text("The scenario uses it now.")).to_be_visible()


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "con", "a\\b"])
def test_a_folder_elsewhere_is_refused(page_of_data: Page, name: str) -> None:
    card = _card(page_of_data, "Where runs are saved")
    card.get_by_label("A folder of its own").fill(name)
    card.get_by_role("button", name="Choose").click()
    expect(card.locator(".cw-fault")).to_contain_text("must be a name of at most 50 letters")


def test_a_new_folder_is_chosen_and_left_again(page_of_data: Page, results: Path) -> None:
    card = _card(page_of_data, "Where runs are saved")
    card.get_by_label("A folder of its own").fill("summer")
    card.get_by_label("A folder of its own").press("Enter")
    expect(card).to_contain_text("from one folder: summer.")
    assert not (results / "summer").exists()
    card.get_by_role("button", name="The dashboard's own").click()
    expect(card).to_contain_text("from one folder: the dashboard's own.")


def test_axe_finds_nothing_serious(page_of_data: Page, accessible: Callable[[Page], None]) -> None:
    accessible(page_of_data)


def test_a_sentence_says_what_changed() -> None:
    assert data.used([]) == "The scenario uses it now."
    assert data.used(["a", "b"]) == "The scenario uses it now; a, b."
