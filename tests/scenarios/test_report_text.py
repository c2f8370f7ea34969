"""Figures as text."""

import re

import pytest

from scenarios.compare import Comparison, compare
from scenarios.load import load
from scenarios.report_text import report
from scenarios.schema import Scenario
from scenarios.summary import Summary, summary


@pytest.fixture(scope="module")
def figures(comparison: Comparison) -> Summary:
    """All arms of the small comparison."""
    return summary(comparison)


def test_the_table_has_a_row_per_arm_and_aligned_columns(figures: Summary) -> None:
    lines = report(figures).splitlines()
    assert lines[0] == (
        "fontana_mixed: 4 homes, 1 day from 2017-07-01 00:00, 30-minute steps, seed 0"
    )
    table = lines[2 : 3 + len(figures.arms)]
    assert [line.split()[0] for line in table] == ["arm", *figures.arms]
    assert len({len(line) for line in table}) == 1


def test_figures_are_those_of_the_summary(figures: Summary) -> None:
    cells = report(figures).splitlines()[8].split()
    market, cost_usd = figures.arms["market"], figures.arms["grid_only"].cost_usd
    assert cells[0] == "market"
    assert float(cells[1]) == pytest.approx(market.cost_usd, abs=0.006)
    assert float(cells[2]) == pytest.approx(100 * (1 - market.cost_usd / cost_usd), abs=0.06)
    assert float(cells[3]) == pytest.approx(market.import_kwh, abs=0.06)
    assert float(cells[4]) == pytest.approx(market.export_kwh, abs=0.06)
    assert float(cells[5]) == pytest.approx(market.p2p_kwh, abs=0.06)
    assert int(cells[6]) == market.trades_count
    assert float(cells[7]) == pytest.approx(market.peak_import_kw, abs=0.06)
    assert float(cells[8]) == pytest.approx(market.peak_window_import_kwh, abs=0.06)


def test_one_line_tells_what_each_step_saves(figures: Summary) -> None:
    (line,) = [line for line in report(figures).splitlines() if line.startswith("saved by")]
    added, cost = figures.added, {name: arm.cost_usd for name, arm in figures.arms.items()}
    assert line == (
        f"saved by each step [USD]: solar {added.solar_usd:.2f}, battery {added.battery_usd:.2f}, "
        f"planning {added.planning_usd:.2f}, trading {added.trading_usd:.2f}"
    )
    parts = [float(part) for part in re.findall(r"-?\d+\.\d+", line)]
    assert sum(parts) == pytest.approx(cost["gross"] - cost["market"], abs=0.02)


def test_steps_whose_arms_were_not_run_are_left_out(small: Scenario) -> None:
    text = report(summary(compare(small, ["gross", "grid_only", "plan_alone"])))
    assert re.search(r"^saved by each step \[USD\]: solar \d+\.\d+$", text, re.MULTILINE)


def test_what_trading_brings_is_told_home_by_home(figures: Summary) -> None:
    assert figures.savings is not None
    text = report(figures)
    for home in figures.homes:
        assert f"home {home.household_id} {home.trading_gain_usd_per_day:+.2f}" in text
    worst = figures.savings.worst_home_gain_usd_per_day
    assert f"worst {worst:+.2f} (home " in text
    count = figures.savings.homes_worse_off_count
    assert f"worse off by more than a cent: {count} of 4 homes" in text


def test_many_homes_are_not_listed(figures: Summary) -> None:
    home = figures.homes[0]
    homes = [home.model_copy(update={"household_id": home_id}) for home_id in range(100, 121)]
    text = report(figures.model_copy(update={"homes": homes}))
    assert "home 101 " not in text
    assert "(home 100), worse off" in text
    assert "home 119 " in report(figures.model_copy(update={"homes": homes[:20]}))


def test_one_arm_has_nothing_to_be_compared_with(small: Scenario) -> None:
    text = report(summary(compare(small, ["self_use"])))
    assert text.splitlines()[-1].split()[:3][0::2] == ["self_use", "-"]
    assert "gain" not in text
    assert "saved by" not in text


def test_the_text_is_plain(figures: Summary) -> None:
    assert report(figures).isascii()
    assert "\x1b" not in report(figures)


def test_an_arm_that_left_load_unserved_says_so() -> None:
    tight = load("fontana", ["grid.import_kw_max=1.0", "grid.export_kw_max=0.5", "run.days=1"])
    figures = summary(compare(tight, ["grid_only"]))
    arm = figures.arms["grid_only"]
    assert arm.unserved_kwh > 1.0
    assert arm.curtailed_kwh > 1.0
    told = f"grid_only: {arm.unserved_kwh:.1f} kWh of load unserved, {arm.curtailed_kwh:.1f} kWh"
    assert told in report(figures)


def test_an_arm_that_served_all_is_silent_about_it(figures: Summary) -> None:
    assert "unserved" not in report(figures)


@pytest.mark.parametrize(
    ("fixed", "credit", "told"),
    [
        (12.25, 3.5, "12.25 USD of standing charges and 3.50 USD of baseline credit"),
        (12.25, 0.0, "12.25 USD of standing charges"),
        (0.0, 3.5, "3.50 USD of baseline credit"),
    ],
)
def test_charges_and_credits_are_told_where_there_are_any(
    figures: Summary, fixed: float, credit: float, told: str
) -> None:
    arm = figures.arms["market"]
    change = {"fixed_charge_usd": fixed, "baseline_credit_usd": credit}
    bill = arm.bill.model_copy(update=change)
    arms = {"market": arm.model_copy(update={"bill": bill})}
    text = report(figures.model_copy(update={"arms": arms}))
    assert f"\nmarket: cost includes {told}\n" in text


def test_a_tariff_without_charges_and_credits_is_silent_about_them(figures: Summary) -> None:
    assert "includes" not in report(figures)
