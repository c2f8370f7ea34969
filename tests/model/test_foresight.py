"""What the homes of a run make of the days behind them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from agents.memory import NO_LIMIT_KWH
from forecasting.samples import history_steps
from model.community import Community
from model.foresight import Foresight
from model.setup import Setup
from profiles.profiles import Profiles

SetupOf = Callable[..., Setup]


@pytest.fixture
def setup(three_homes: Profiles, setup_of: SetupOf) -> Setup:
    """Set up a day and a half."""
    return setup_of(three_homes, days=1.5, forecast={"horizon_hours": 30})


def _foresight(setup: Setup) -> Foresight:
    return Community(setup).foresight


def test_a_forecast_reaches_as_far_as_the_scenario_says(setup: Setup) -> None:
    homes = _foresight(setup)
    assert homes.horizon_steps == 60
    seen = setup.profiles.until(setup.first_step)
    forecast = homes.forecast(seen)
    futures = homes.futures(seen, forecast)
    assert forecast.load_kwh.shape == (3, 60)
    assert futures.load_kwh.shape == (3, 7, 60)
    assert futures.weights.sum() == pytest.approx(1.0)


def test_what_is_prepared_leaves_the_first_step_nothing_of_the_past_and_changes_no_number(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, prepared = Community(setup), Community(setup)
    prepared.prepare()
    predictor, now = prepared.foresight._predictor, setup.first_step
    asked: list[int] = []
    issue = type(predictor)._issue
    monkeypatch.setattr(
        type(predictor),
        "_issue",
        lambda self, seen, step: (asked.append(step), issue(self, seen, step)),
    )
    prepared.step()
    assert asked == [now]
    asked.clear()
    plain.step()
    assert len(asked) > 1
    for community in (plain, prepared):
        community.step()
    assert plain.scheduler.ledger.head_hash == prepared.scheduler.ledger.head_hash


def test_a_run_has_the_history_that_its_futures_need(setup: Setup) -> None:
    homes = _foresight(setup)
    assert history_steps(homes._predictor, 7, 48) <= setup.first_step + 1


def test_the_quota_of_today_lasts_until_midnight(setup: Setup) -> None:
    homes, quota = _foresight(setup), np.zeros((3, 2))
    # The run starts at midnight: 48 of 60 steps, one after 47, all 60 never.
    assert [homes.memory(index, quota).today_steps for index in (0, 10, 47, 48)] == [48, 38, 1, 48]


def test_homes_remember_how_they_may_trade_and_plan(setup: Setup) -> None:
    quota = np.arange(6.0).reshape(3, 2)
    known = _foresight(setup).memory(0, quota)
    assert (known.depth_kwh, known.recourse_fraction) == (2.0, 0.5)
    assert known.quota_cents_per_kwh is quota
    assert known.end_benefit_cents.shape == (3, 26)
    lifted = replace(setup, rules=setup.rules.model_copy(update={"order_max_kwh": None}))
    assert _foresight(lifted).memory(0, quota).depth_kwh == NO_LIMIT_KWH


def test_what_energy_was_worth_is_recalled_where_the_next_horizon_ends(setup: Setup) -> None:
    homes, quota = _foresight(setup), np.zeros((3, 2))
    at_first = homes.memory(0, quota).end_benefit_cents.copy()
    # After step 11 a plan of 60 steps that starts at 48 ends at 107: the same slot of the day.
    newest = np.repeat(np.linspace(0.0, 900.0, 26)[None], 3, axis=0)
    homes.learn(11, newest)
    learned = homes.memory(48, quota).end_benefit_cents
    assert learned == pytest.approx(0.6 * at_first + 0.4 * newest)
    assert homes.memory(47, quota).end_benefit_cents == pytest.approx(at_first)
    homes.learn(11, None)  # who does not plan on a grid learns nothing
    assert homes.memory(48, quota).end_benefit_cents == pytest.approx(learned)


def test_a_run_learns_what_its_plans_said(setup: Setup) -> None:
    community = Community(setup)
    before = community.foresight.memory(36, np.zeros((3, 2))).end_benefit_cents.copy()
    for _ in range(48):  # the plan of step 36 ends in the slot of step 47
        community.step()
    after = community.foresight.memory(36, np.zeros((3, 2))).end_benefit_cents
    assert (np.abs(after - before).max(axis=1) > 1.0).all()
    assert after[:, 0].tolist() == [0.0] * 3


def test_what_was_expected_when_a_day_began_is_kept_where_homes_look_ahead(
    three_homes: Profiles, setup_of: SetupOf, lived: Callable[[Setup], Community]
) -> None:
    run = {name: lived(setup_of(three_homes, name, days=2)) for name in ("market", "self_use")}
    setup, prices = run["market"].setup, run["market"].recorder.prices
    homes = _foresight(setup)
    for day in (0, 48):  # its own step is metered: what was expected of it is older
        expected = homes.forecast(setup.profiles.until(setup.first_step + day))
        for name, kwh in (("load", expected.load_kwh), ("pv", expected.pv_kwh)):
            told = prices[f"forecast_{name}_kwh"][day + 1 : day + 48]
            np.testing.assert_array_equal(told, kwh.sum(axis=0)[1:])
    older = homes.forecast(setup.profiles.until(setup.first_step + 1))
    assert prices["forecast_load_kwh"][48] == older.load_kwh.sum(axis=0)[47]
    assert np.isnan(prices["forecast_load_kwh"][0])
    for name in ("forecast_load_kwh", "forecast_pv_kwh"):
        assert np.isnan(run["self_use"].recorder.prices[name]).all()
