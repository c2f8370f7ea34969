"""What runs cost and what a comparison tells, from results written by hand."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.config import StrategyName
from model import metrics
from model.community import Community
from model.results import Results
from model.setup import Setup
from profiles.profiles import Profiles

ResultsOf = Callable[..., Results]
USD = 100_000_000  # microcents


def _paid(results: ResultsOf, *usd: float, days: int = 1, **given: object) -> Results:
    """Let each home pay so many dollars in the first step of a run of days."""
    paid = np.zeros((48 * days, len(usd)), np.int64)
    paid[0] = np.rint(np.array(usd) * USD)
    return results(48 * days, len(usd), import_cost_microcents=paid, **given)


def test_a_home_costs_what_it_paid_less_what_it_received(results: ResultsOf) -> None:
    run = results(
        2, 1,
        import_cost_microcents=[[10 * USD], [5 * USD]],
        export_credit_microcents=[[1 * USD], [0]],
        p2p_paid_microcents=[[0], [3 * USD]],
        p2p_received_microcents=[[2 * USD], [0]],
        fee_microcents=[[0], [USD // 2]],
    )  # fmt: skip
    assert metrics.home_costs_usd(run) == pytest.approx([15.5])


def test_energy_left_in_the_battery_is_money(results: ResultsOf) -> None:
    # One home ends 2 kWh fuller, the other 3 kWh emptier; each is worth 25 cents.
    run = results(
        2,
        2,
        import_cost_microcents=[[10 * USD, 0], [0, 10 * USD]],
        stored_kwh=[[9.0, 9.0], [6.0, 1.0]],
        stored_kwh_initial=np.array([4.0, 4.0]),
        stored_value_cents_per_kwh=np.array([25.0, 25.0]),
    )
    assert metrics.home_costs_usd(run) == pytest.approx([9.5, 10.75])


@pytest.mark.parametrize(
    ("charge", "discharge", "stored_end"),
    [
        (10.0, 9.0, 5.0),  # ends as it began: 9 out of 10
        (10.0, 0.9, 5.0 + 10.0 * 0.9**0.5 - 0.9**0.5),  # most is still in it
        (1.0, 3.6, 5.0 + 0.9**0.5 - 4.0 * 0.9**0.5),  # more came out than went in
    ],
)
def test_a_ninety_percent_battery_is_ninety_percent_efficient_however_it_was_used(
    results: ResultsOf, charge: float, discharge: float, stored_end: float
) -> None:
    run = results(
        2,
        1,
        charge_kwh=[[charge], [0.0]],
        discharge_kwh=[[0.0], [discharge]],
        stored_kwh=[[0.0], [stored_end]],
        stored_kwh_initial=np.array([5.0]),
        charge_efficiency_fraction=np.array([0.9**0.5]),
    )
    assert metrics.battery_efficiency_fraction(run) == pytest.approx(0.9)


@pytest.mark.parametrize("strategy", ["self_use", "plan_alone", "market"])
@pytest.mark.parametrize("days", [0.75, 1.0])
def test_a_whole_run_of_ninety_percent_batteries_is_ninety_percent_efficient(
    three_homes: Profiles,
    setup_of: Callable[..., Setup],
    lived: Callable[[Setup], Community],
    strategy: StrategyName,
    days: float,
) -> None:
    run = lived(setup_of(three_homes, strategy, days=days)).results()
    assert metrics.battery_efficiency_fraction(run) == pytest.approx(0.9)


@pytest.mark.parametrize("charge", [0.0, 1.0, 0.1 + 0.2])
def test_a_battery_that_gave_nothing_has_no_efficiency(results: ResultsOf, charge: float) -> None:
    into = 0.9**0.5
    run = results(
        1,
        3,
        charge_kwh=[[charge] * 3],
        stored_kwh=[[1.35 + charge * into] * 3],
        stored_kwh_initial=np.full(3, 1.35),
        charge_efficiency_fraction=np.full(3, into),
    )
    assert metrics.battery_efficiency_fraction(run) is None


def test_an_arm_is_summed_up(results: ResultsOf) -> None:
    run = results(
        2,
        2,
        load_kwh=[[1.0, 2.0], [3.0, 4.0]],
        pv_kwh=[[0.5, 0.0], [0.25, 0.0]],
        import_kwh=[[1.0, 2.0], [4.0, 0.0]],
        export_kwh=[[0.0, 0.5], [0.0, 0.0]],
        p2p_in_kwh=[[0.0, 0.0], [0.0, 0.75]],
        fallback_kwh=[[0.0, 0.125], [0.25, 0.0]],
        curtailed_kwh=[[0.0, 0.0], [0.0625, 0.0]],
        unserved_kwh=[[0.0, 0.0], [0.0, 1.5]],
        import_cost_microcents=[[USD, 2 * USD], [4 * USD, 0]],
        peak=np.array([True, False]),
        cycles=np.array([1.0, 2.0]),
        health_fraction=np.array([0.75, 1.0]),
        trades={"step": np.array([0, 1, 1])},
        energy_residual_kwh_max=1e-12,
    )
    assert metrics.measures(run) == {
        "cost_usd": 7.0,
        "load_kwh": 10.0,
        "pv_kwh": 0.75,
        "import_kwh": 7.0,
        "export_kwh": 0.5,
        "p2p_kwh": 0.75,
        "trades_count": 3,
        "grid_fallback_kwh": 0.375,
        "curtailed_kwh": 0.0625,
        "unserved_kwh": 1.5,
        "outage": None,
        "peak_import_kw": 8.0,  # the community's 4 kWh of the second half hour
        "peak_window_import_kwh": 3.0,
        "carbon_kg": None,
        "battery_efficiency": None,
        "cycles_mean": 1.5,
        "health_fraction_mean": 0.875,
        "energy_residual_kwh_max": 1e-12,
        "money_sum_microcents": 0,
    }


def test_power_follows_from_the_length_of_a_step(results: ResultsOf) -> None:
    run = results(1, 1, import_kwh=[[3.0]], step_minutes=15)
    assert metrics.measures(run)["peak_import_kw"] == 12.0


def test_the_headline_sets_the_market_beside_the_grid(results: ResultsOf) -> None:
    arms = {
        "grid_only": _paid(results, 6.0, 4.0),
        "market": _paid(results, 5.0, 2.0, trades={"step": np.zeros(7, np.int64)}),
    }
    assert metrics.headline(arms) == {
        "baseline_pge_cost": 10.0,
        "optimized_cost": 7.0,
        "savings": 3.0,
        "savings_percent": pytest.approx(30.0),
        "trades_executed": 7,
        "battery_efficiency": None,
    }


@pytest.mark.parametrize("names", [[], ["market"], ["grid_only", "plan_alone"]])
def test_without_both_arms_there_is_no_headline(results: ResultsOf, names: list[str]) -> None:
    assert metrics.headline({name: _paid(results, 1.0) for name in names}) is None


def test_where_the_grid_costs_nothing_there_is_no_percentage(results: ResultsOf) -> None:
    headline = metrics.headline({"grid_only": _paid(results, 0.0), "market": _paid(results, -1.0)})
    assert headline is not None
    assert (headline["savings"], headline["savings_percent"]) == (1.0, None)


def test_savings_compare_the_market_with_every_other_arm(results: ResultsOf) -> None:
    import_kwh = np.array([[1.0, 0.5], *[[0.0, 0.0]] * 95])
    arms = {
        "grid_only": _paid(results, 8.0, 8.0, days=2),
        "self_use": _paid(results, 6.0, 4.0, days=2),
        "plan_alone": _paid(results, 4.0, 4.0, days=2),
        "market": _paid(results, 3.0, 4.08, days=2, peak=np.arange(96) == 0, import_kwh=import_kwh),
    }
    assert metrics.savings(arms) == {
        "market_vs_grid_only_fraction": pytest.approx(8.92 / 16.0),
        "market_vs_self_use_fraction": pytest.approx(2.92 / 10.0),
        "trading_vs_plan_alone_fraction": pytest.approx(0.92 / 8.0),
        "homes_worse_off_count": 1,  # home 2 loses 4 cents a day
        "worst_home_gain_usd_per_day": pytest.approx(-0.04),
        "mean_home_gain_usd_per_day": pytest.approx(0.23),
        "jain_fairness": pytest.approx(0.5),  # one of two gains all
        "peak_import_kw": 3.0,
        "peak_window_import_kwh": 1.5,
    }


def test_each_step_saves_what_lies_between_two_arms(results: ResultsOf) -> None:
    arms = {
        "gross": _paid(results, 9.0, 9.0),
        "grid_only": _paid(results, 8.0, 8.0),
        "self_use": _paid(results, 6.0, 4.0),
        "plan_alone": _paid(results, 4.0, 5.5),
        "market": _paid(results, 3.0, 4.0),
    }
    assert metrics.added_usd(arms) == {
        "solar_usd": pytest.approx(2.0),
        "battery_usd": pytest.approx(6.0),
        "planning_usd": pytest.approx(0.5),
        "trading_usd": pytest.approx(2.5),
    }
    del arms["self_use"]
    assert metrics.added_usd(arms) == {
        "solar_usd": pytest.approx(2.0),
        "battery_usd": None,
        "planning_usd": None,
        "trading_usd": pytest.approx(2.5),
    }


def test_what_was_not_run_is_not_compared(results: ResultsOf) -> None:
    assert metrics.savings({"grid_only": _paid(results, 8.0)}) == {}
    alone = metrics.savings({"market": _paid(results, 8.0)})
    assert set(alone) == {"peak_import_kw", "peak_window_import_kwh"}


@pytest.mark.parametrize(("loss_usd", "worse_off"), [(0.0199, 0), (0.0201, 1), (-5.0, 0)])
def test_a_home_is_worse_off_if_it_loses_more_than_a_cent_a_day(
    results: ResultsOf, loss_usd: float, worse_off: int
) -> None:
    arms = {
        "plan_alone": _paid(results, 3.0, days=2),
        "market": _paid(results, 3.0 + loss_usd, days=2),
    }
    assert metrics.savings(arms)["homes_worse_off_count"] == worse_off


@pytest.mark.parametrize(
    ("gain", "index"),
    [
        ([2.0, 2.0, 2.0], 1.0),
        ([3.0, 0.0, 0.0], 1.0 / 3.0),
        ([1.0, 2.0, 3.0], 36.0 / (3 * 14.0)),
        ([1.0, -5.0], 0.5),  # a loss counts as no gain
        ([0.0, 0.0], None),
        ([-1.0, -2.0], None),
    ],
)
def test_fairness_is_jains_index(gain: list[float], index: float | None) -> None:
    found = metrics.jain_fairness(np.array(gain))
    assert found == (None if index is None else pytest.approx(index))


@given(st.lists(st.floats(0.01, 1e3), min_size=1, max_size=20), st.floats(0.01, 1e3))
def test_fairness_lies_between_one_home_and_all_and_has_no_currency(
    gain: list[float], rate: float
) -> None:
    found = metrics.jain_fairness(np.array(gain))
    assert found is not None
    assert 1.0 / len(gain) - 1e-9 <= found <= 1.0 + 1e-9
    assert metrics.jain_fairness(rate * np.array(gain)) == pytest.approx(found)


@pytest.mark.parametrize(
    ("before", "after", "saved"),
    [(10.0, 4.0, 0.6), (10.0, 12.0, -0.2), (10.0, -5.0, 1.5), (0.0, 1.0, None), (-3.0, -4.0, None)],
)
def test_a_share_is_saved_of_what_cost_something(
    before: float, after: float, saved: float | None
) -> None:
    found = metrics.fraction_saved(before, after)
    assert found == (None if saved is None else pytest.approx(saved))


def test_every_home_has_a_row_with_its_cost_in_every_arm(results: ResultsOf) -> None:
    arms = {
        "grid_only": _paid(results, 8.0, 9.0, days=4),
        "plan_alone": _paid(results, 4.0, 5.0, days=4),
        "market": _paid(results, 3.0, 5.5, days=4),
    }
    assert metrics.home_table(arms) == [
        {
            "household_id": 1,
            "grid_only_cost_usd": 8.0,
            "plan_alone_cost_usd": 4.0,
            "market_cost_usd": 3.0,
            "trading_gain_usd_per_day": pytest.approx(0.25),
        },
        {
            "household_id": 2,
            "grid_only_cost_usd": 9.0,
            "plan_alone_cost_usd": 5.0,
            "market_cost_usd": 5.5,
            "trading_gain_usd_per_day": pytest.approx(-0.125),
        },
    ]


def test_without_both_arms_no_home_gains_from_trading(results: ResultsOf) -> None:
    table = metrics.home_table({"market": _paid(results, 3.0)})
    assert table == [{"household_id": 1, "market_cost_usd": 3.0}]
