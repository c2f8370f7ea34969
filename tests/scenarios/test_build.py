"""From a scenario to a community."""

import numpy as np
import pytest

from agents.config import StrategyConfig
from scenarios import build
from scenarios.arms import ARMS
from scenarios.fit import FitError, read_profiles
from scenarios.schema import Scenario


def _changed(scenario: Scenario, section: str, **knobs: object) -> Scenario:
    part = getattr(scenario, section).model_copy(update=knobs)
    return scenario.model_copy(update={section: part})


def test_the_homes_that_take_part_are_the_lowest_ids_and_some_have_no_panels(
    small: Scenario,
) -> None:
    profiles, whole = build.ground(small).profiles, read_profiles(small)
    assert profiles.home_ids.tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(profiles.load_kwh, whole.load_kwh[:, :4])
    np.testing.assert_array_equal(profiles.pv_kwh[:, :3], whole.pv_kwh[:, :3])
    assert not profiles.pv_kwh[:, 3].any()


def test_the_run_starts_where_the_scenario_says(small: Scenario) -> None:
    shared = build.ground(small)
    assert shared.steps_count == 48
    start = shared.profiles.start_utc + np.timedelta64(30 * shared.first_step, "m")
    assert start == np.datetime64("2017-07-01T08:00")  # midnight by the clock of -08:00


@pytest.mark.parametrize("step_minutes", [15, 30, 60])
def test_ratings_in_power_become_energy_per_step(small: Scenario, step_minutes: int) -> None:
    scenario = _changed(small, "run", step_minutes=step_minutes)
    found = build.setup(scenario, ARMS["market"], build.ground(scenario))
    hours = step_minutes / 60
    assert found.steps_count == 24 / hours
    np.testing.assert_allclose(found.fleet.power_kwh_max, 5.0 * hours)
    np.testing.assert_allclose(found.fleet.import_kwh_max, 20.0 * hours)
    np.testing.assert_allclose(found.state.stored_kwh, 1.35)


def test_arms_differ_in_strategy_and_trade_only(small: Scenario) -> None:
    shared = build.ground(small)
    setups = {name: build.setup(small, arm, shared) for name, arm in ARMS.items()}
    assert all(each.seed == small.seed for each in setups.values())
    assert setups.pop("gross").strategy.name == "grid_only"
    strategies = {name: each.strategy.name for name, each in setups.items()}
    as_market = dict.fromkeys(("market_perfect", "unlimited"), "market")
    assert strategies == {name: name for name in setups} | as_market
    mechanisms = {name: each.rules.mechanism for name, each in setups.items()}
    assert mechanisms == {
        "grid_only": "none",
        "self_use": "none",
        "time_of_use": "none",
        "plan_alone": "none",
        "market": "call_auction",
        "unlimited": "call_auction",
        "market_perfect": "call_auction",
        "score_rule": "posted_price",
        "score_rule_corrected": "posted_price",
    }
    assert all(each.profiles is shared.profiles for each in setups.values())


def test_an_arm_may_bring_a_forecaster_a_mechanism_and_a_price_signal(small: Scenario) -> None:
    shared = build.ground(small)
    perfect = build.setup(small, ARMS["market_perfect"], shared)
    assert perfect.forecast == small.forecast.model_copy(update={"name": "perfect"})
    assert perfect.rules == small.market
    for name in ("score_rule", "score_rule_corrected"):
        rule = build.setup(small, ARMS[name], shared)
        own = {"mechanism": "posted_price", "price_signal": "supply_demand"}
        assert rule.rules == small.market.model_copy(update=own)
        assert rule.forecast == small.forecast


def test_the_arm_unlimited_is_the_market_under_the_shipped_override(small: Scenario) -> None:
    shared = build.ground(small)
    free = build.setup(small, ARMS["unlimited"], shared)
    market = build.setup(small.overridden("unlimited"), ARMS["market"], shared)
    assert free.rules == market.rules
    assert free.rules.order_max_kwh is None
    assert (free.forecast, free.strategy) == (market.forecast, market.strategy)
    assert free.genesis != market.genesis  # each arm keeps books of its own


def test_all_arms_meet_the_same_grid(small: Scenario) -> None:
    shared = build.ground(small)
    rates = shared.carbon_kg_per_kwh
    assert rates is not None
    assert rates.shape == (48,)
    assert all(build.setup(small, arm, shared).carbon_kg_per_kwh is rates for arm in ARMS.values())
    plain = build.ground(_changed(small, "carbon", name="none", repeat_year="none"))
    assert plain.carbon_kg_per_kwh is None
    assert plain.data_sha256 == shared.data_sha256  # it decides nothing


def test_homes_hang_on_the_feeders_that_the_scenario_names(small: Scenario) -> None:
    shared = build.ground(small)
    assert build.setup(small, ARMS["market"], shared).fleet.feeder.tolist() == [0, 0, 1, 1]
    named = _changed(small, "homes", feeders={"south": (3, 1), "north": (4, 2)})
    assert build.setup(named, ARMS["market"], shared).fleet.feeder.tolist() == [0, 1, 0, 1]


def test_gross_has_the_load_but_neither_panels_nor_batteries(small: Scenario) -> None:
    shared = build.ground(small)
    gross = build.setup(small, ARMS["gross"], shared)
    np.testing.assert_array_equal(gross.profiles.load_kwh, shared.profiles.load_kwh)
    assert not gross.profiles.pv_kwh.any()
    assert not gross.fleet.power_kwh_max.any()
    assert not gross.state.stored_kwh.any()
    assert shared.profiles.pv_kwh.any()  # those of the other arms stay


def test_the_trust_of_the_scenario_reaches_every_arm(small: Scenario) -> None:
    wary = small.model_copy(update={"strategy": StrategyConfig(signal_trust_fraction=0.4)})
    shared = build.ground(wary)
    for arm in ARMS.values():
        assert build.setup(wary, arm, shared).strategy.signal_trust_fraction == 0.4


def test_a_scenario_that_does_not_fit_is_refused_here_too(small: Scenario) -> None:
    with pytest.raises(FitError, match=r"^homes.count: must be at most 9 \(got 99\)$"):
        build.ground(_changed(small, "homes", count=99))


def test_a_community_is_ready_for_its_first_step(small: Scenario) -> None:
    community = build.community(small, ARMS["grid_only"])
    assert not community.finished
    community.step()
    assert community.index == 1
