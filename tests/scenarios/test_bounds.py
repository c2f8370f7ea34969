"""The bounds in the table: computed with the arms, and what fails leaves the rest standing."""

import json
from typing import Any

import pytest

from agents import linear_program
from agents.config import BoundConfig
from scenarios.arms import BOUNDS
from scenarios.bounds import Bound, captured, told
from scenarios.compare import Comparison, compare, simulate
from scenarios.report_text import report
from scenarios.schema import Scenario
from scenarios.summary import as_json, summary

NAMES = ("grid_only", "own_bound", "bound")


def test_every_comparison_has_both_bounds(comparison: Comparison) -> None:
    assert list(comparison.bounds) == list(BOUNDS)
    figures = summary(comparison)
    cost_usd = {name: bound.cost_usd or 0.0 for name, bound in figures.bounds.items()}
    assert cost_usd["bound"] < cost_usd["own_bound"] < figures.arms["plan_alone"].cost_usd
    assert cost_usd["bound"] < figures.arms["market"].cost_usd
    assert all(
        Bound.model_validate(told(found)).reason == "" for found in comparison.bounds.values()
    )


def test_the_market_captures_a_part_of_what_is_possible(comparison: Comparison) -> None:
    figures = summary(comparison)
    best = figures.bounds["bound"].cost_usd
    cost = {name: arm.cost_usd for name, arm in figures.arms.items()}
    assert figures.savings is not None
    assert best is not None
    of_all = (cost["grid_only"] - cost["market"]) / (cost["grid_only"] - best)
    of_trade = (cost["plan_alone"] - cost["market"]) / (cost["plan_alone"] - best)
    assert figures.savings.captured_of_bound_fraction == pytest.approx(of_all)
    assert figures.savings.trading_captured_fraction == pytest.approx(of_trade)
    assert 0.5 < of_all < 1.0
    told_so = (
        f"captured by market: {100 * of_all:.1f} % of the bound, {100 * of_trade:.1f} % of its"
    )
    assert told_so in report(figures)


def test_the_table_ends_with_the_bounds(comparison: Comparison) -> None:
    figures = summary(comparison)
    first = 4 + len(figures.arms)  # below the context, a gap, two lines of headings, the arms
    lines = report(figures).splitlines()[first : first + 2]
    for line, (name, bound) in zip(lines, figures.bounds.items(), strict=True):
        cells = line.split()
        assert (cells[0], cells[8]) == (name, "-")  # nobody says how many trades
        assert float(cells[1]) == pytest.approx(bound.cost_usd, abs=0.006)
        for cell, share in zip(cells[2:5], bound.saved_fraction.values(), strict=True):
            assert share is not None
            assert float(cell) == pytest.approx(100 * share, abs=0.06)
        assert float(cells[5]) == pytest.approx(bound.peak_import_kw, abs=0.06)
        assert float(cells[6]) == pytest.approx(bound.peak_window_import_kwh, abs=0.06)


def test_a_bound_is_held_against_the_baselines_that_were_run(comparison: Comparison) -> None:
    figures = summary(comparison)
    cost_usd = {name: arm.cost_usd for name, arm in figures.arms.items()}
    for bound in figures.bounds.values():
        assert bound.cost_usd is not None
        assert bound.saved_fraction == {
            name: pytest.approx(1.0 - bound.cost_usd / cost_usd[name])
            for name in ("grid_only", "self_use", "plan_alone")
        }
    assert told(comparison.bounds["bound"])["saved_fraction"] == {}


def test_every_home_sees_its_own_best(comparison: Comparison) -> None:
    figures = summary(comparison)
    own_usd = [home.cost_usd["own_bound"] for home in figures.homes]
    assert sum(own_usd) == pytest.approx(figures.bounds["own_bound"].cost_usd)
    assert all(home.cost_usd["own_bound"] < home.cost_usd["plan_alone"] for home in figures.homes)
    assert all("bound" not in home.cost_usd for home in figures.homes)


def test_a_simulation_has_no_bounds(small: Scenario) -> None:
    simulated = simulate(small)
    assert simulated.bounds == {}
    assert captured(simulated) == {
        "captured_of_bound_fraction": None, "trading_captured_fraction": None,
    }  # fmt: skip
    assert "captured" not in report(summary(simulated))


def test_a_large_run_says_how_its_bounds_are_had(small: Scenario) -> None:
    large = small.model_copy(update={"bound": BoundConfig(home_days_max=3)})
    everything = compare(large)
    figures = summary(everything)
    assert {bound.status for bound in figures.bounds.values()} == {"not computed"}
    assert figures.savings is not None
    assert figures.savings.captured_of_bound_fraction is None
    text = report(figures)
    assert "\nbound: not computed: 4 homes x days, and more than 3 are computed only where" in text
    assert "captured" not in text
    assert summary(compare(large, ["bound"])).bounds["bound"].status == "optimal"


def test_somebody_is_told_while_bounds_are_computed(small: Scenario) -> None:
    heard: list[tuple[str, int, int]] = []
    compare(small, NAMES, lambda *step: heard.append(step))
    assert heard[-1] == ("bound", 3 * 48, 3 * 48)
    assert ("own_bound", 48, 3 * 48) in heard  # before and between the homes
    assert [done for _, done, _ in heard] == sorted(done for _, done, _ in heard)


def out_of_order() -> Any:  # noqa: ANN401
    raise RuntimeError("out of order")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("failed", "RuntimeError: out of order"),
        ("time limit", "no optimum within 1e-09 s"),
    ],
)
def test_the_table_stands_where_a_bound_does_not(
    small: Scenario,
    comparison: Comparison,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    reason: str,
) -> None:
    if status == "failed":
        monkeypatch.setattr(linear_program.highspy, "Highs", out_of_order)
    limit_s = 60.0 if status == "failed" else 1e-9
    hurried = small.model_copy(update={"bound": BoundConfig(time_limit_s=limit_s)})
    found = compare(hurried, NAMES)
    assert found.arms["grid_only"].ledger == comparison.arms["grid_only"].ledger
    figures = summary(found)
    alone, beside = figures.arms["grid_only"], summary(comparison).arms["grid_only"]
    assert alone == beside.model_copy(update={"against": {}})
    for name in BOUNDS:
        assert (figures.bounds[name].status, figures.bounds[name].reason) == (status, reason)
        assert figures.bounds[name].cost_usd is None
        assert f"\n{name}: {status}: {reason}" in report(figures)
    assert json.loads(as_json(figures))["bounds"]["bound"]["status"] == status
