"""What the homes of a run have."""

import numpy as np

from scenarios.compare import Comparison
from scenarios.equipment import Equipment, equipment, has_batteries
from scenarios.summary import summary


def test_every_home_of_a_run_has_what_its_scenario_gives_it(comparison: Comparison) -> None:
    """13.5 kWh, a tenth of it full, each kWh worth the lowest tariff less the way out."""
    market = comparison.arms["market"]
    worth = market.stored_value_cents_per_kwh[0]
    for home in summary(comparison).homes:
        has_pv = home.household_id != 4
        assert home.equipment == Equipment(
            has_pv=has_pv,
            battery_capacity_kwh=13.5,
            stored_kwh_initial=1.35,
            stored_value_cents_per_kwh=worth,
            wallet_usd_initial=0.0,
        )


def test_batteries_are_the_same_in_all_arms_that_have_them(comparison: Comparison) -> None:
    """So that they can be told once, beside the homes."""
    first = comparison.arms["grid_only"]
    for name, results in comparison.arms.items():
        has = has_batteries(name)
        assert has == (name != "gross")
        np.testing.assert_array_equal(results.capacity_kwh, has * first.capacity_kwh)
        np.testing.assert_array_equal(results.stored_kwh_initial, has * first.stored_kwh_initial)
        np.testing.assert_array_equal(
            results.stored_value_cents_per_kwh, first.stored_value_cents_per_kwh
        )


def test_homes_of_a_run_without_batteries_have_none(comparison: Comparison) -> None:
    gross = {"gross": comparison.arms["gross"]}
    assert {each.battery_capacity_kwh for each in equipment(gross, comparison.profiles, 2.0)} == {0}
    assert has_batteries(
        "self_use_trading"
    )  # the arm of a simulation that has no name in the table
