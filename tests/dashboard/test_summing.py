"""What a run comes to on a page is what its files say."""

import base64
from pathlib import Path

import numpy as np
import pytest

from dashboard import summing
from profiles.errors import InputError
from scenarios import csv_folder, report_text, store, stored
from scenarios.compare import Comparison, compare, simulate
from scenarios.load import load
from scenarios.summary import Summary, summary

SMALL = ["homes.count=3", "forecast.samples_count=2", "forecast.horizon_hours=12", "run.days=1"]
WITH_WALLETS = [*SMALL, "homes.wallet_usd_initial=100.0"]


@pytest.fixture(scope="module")
def compared() -> Comparison:
    """Compare three homes for a day."""
    arms = ["grid_only", "self_use", "plan_alone", "market", "bound"]
    return compare(load("fontana_mixed", WITH_WALLETS), arms)


@pytest.fixture(scope="module")
def folder(compared: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save it."""
    return store.save(compared, tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def figures(folder: Path) -> Summary:
    """Read what it tells."""
    return stored.summary(folder)


def test_final_wallets_are_those_of_the_plain_tables(folder: Path) -> None:
    found = summing.final_wallets_usd(folder)
    plain = csv_folder.read(folder)
    assert plain.optimized is not None
    assert plain.baseline is not None
    assert list(found) == ["market", "self_use"]
    for name, table in (("market", plain.optimized), ("self_use", plain.baseline)):
        assert np.allclose(found[name], table.figures().wallet_usd_final, atol=1e-6)


def test_wallets_of_a_damaged_run_are_refused(tmp_path: Path) -> None:
    (tmp_path / "DONE").write_text("", encoding="utf-8")
    with pytest.raises(InputError):
        summing.final_wallets_usd(tmp_path)


def test_key_figures_are_redone_by_hand(folder: Path, figures: Summary) -> None:
    wallets = summing.final_wallets_usd(folder)
    told = {each.label: each.value for each in summing.key_figures(figures, wallets)}
    market, self_use = figures.arms["market"], figures.arms["self_use"]
    more_usd = wallets["market"].sum() - wallets["self_use"].sum()
    assert told["Wallet improvement"] == f"{more_usd:+.2f} USD"
    assert (
        told["Grid-buy reduction"] == f"{100 * (1 - market.import_kwh / self_use.import_kwh):.1f} %"
    )
    assert told["Bought from the grid"] == f"{market.import_kwh:.1f} kWh"
    assert figures.headline is not None
    assert told["Saved by the market"] == f"{figures.headline.savings_percent:.1f} %"
    assert "Captured of the bound" in told


def test_wallets_that_are_not_known_yet_are_left_out(figures: Summary) -> None:
    assert "Wallet improvement" not in [f.label for f in summing.key_figures(figures, None)]
    rows = summing.homes_table(figures, None)["rows"]
    assert rows[0]["texts"][1:4] == ["-", "-", "-"]


def test_the_table_of_arms_is_the_one_that_compare_prints(figures: Summary) -> None:
    table = summing.arms_table(figures)
    printed = report_text.report(figures)
    for row in table["rows"]:
        line = next(line for line in printed.splitlines() if line.startswith(f"{row['id']} "))
        assert line.split() == row["texts"]
    assert {len(row["texts"]) for row in table["rows"]} == {len(table["columns"])}
    labels = [column["label"] for column in table["columns"]]
    assert labels == report_text.arms_columns(figures)


def test_homes_are_sorted_by_numbers(figures: Summary, folder: Path) -> None:
    table = summing.homes_table(figures, summing.final_wallets_usd(folder))
    assert [column["label"] for column in table["columns"]][1:3] == [
        "wallet at the end, self_use [USD]",
        "wallet at the end, market [USD]",
    ]
    for row in table["rows"]:
        assert all(isinstance(value, int | float) for value in row["sorts"])
        first, second, difference = row["sorts"][1:4]
        assert difference == pytest.approx(second - first)


def test_a_run_of_one_arm_has_no_baseline(tmp_path: Path) -> None:
    folder = store.save(simulate(load("fontana_mixed", SMALL)), tmp_path)
    figures, wallets = stored.summary(folder), summing.final_wallets_usd(folder)
    assert list(wallets) == ["market"]
    assert [each.label for each in summing.key_figures(figures, wallets)] == [
        "Cost of market",
        "Traded between homes",
        "Bought from the grid",
        "Sold to the grid",
    ]
    assert len(summing.homes_table(figures, wallets)["columns"]) == 4


def test_the_picture_is_the_run_s_own_and_no_link(folder: Path, tmp_path: Path) -> None:
    start, _, text = summing.picture(folder).partition(",")
    assert start == "data:image/svg+xml;base64"
    assert base64.b64decode(text) == (folder / "arms.svg").read_bytes()
    (tmp_path / "arms.svg").symlink_to(folder / "arms.svg")
    assert summing.picture(tmp_path) == ""
    assert summing.picture(tmp_path / "nowhere") == ""


def test_a_picture_that_is_too_long_is_not_shown(tmp_path: Path) -> None:
    with (tmp_path / "arms.svg").open("wb") as file:
        file.truncate(summing.PICTURE_BYTES_MAX + 1)
    assert summing.picture(tmp_path) == ""


def test_what_is_read_is_what_was_summed_up(compared: Comparison, figures: Summary) -> None:
    assert figures == summary(compared)
