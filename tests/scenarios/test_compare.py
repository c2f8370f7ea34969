"""Running arms over the same ground."""

import os

import numpy as np
import pytest

from agents.config import StrategyConfig
from market.config import MarketConfig
from profiles.errors import InputError
from scenarios import compare as comparing
from scenarios import workers
from scenarios.arms import ARMS
from scenarios.compare import Comparison, Means, compare, simulate
from scenarios.load import load
from scenarios.manifest import manifest
from scenarios.schema import Scenario
from scenarios.summary import summary


def test_every_arm_meters_the_same_homes_and_weather(comparison: Comparison) -> None:
    arms = dict(comparison.arms)
    assert list(arms) == list(ARMS)
    assert comparison.last == "market"
    gross, first = arms.pop("gross"), arms["grid_only"]
    np.testing.assert_array_equal(gross.steps["load_kwh"], first.steps["load_kwh"])
    for results in arms.values():
        for column in ("load_kwh", "pv_kwh"):
            np.testing.assert_array_equal(results.steps[column], first.steps[column])
        for column in ("tariff_cents_per_kwh", "export_cents_per_kwh"):
            np.testing.assert_array_equal(results.prices[column], first.prices[column])
        np.testing.assert_array_equal(results.home_ids, [1, 2, 3, 4])
        np.testing.assert_array_equal(results.stored_kwh_initial, first.stored_kwh_initial)


def test_gross_pays_for_every_kwh_of_load_at_the_tariff(comparison: Comparison) -> None:
    gross = comparison.arms["gross"]
    tariff = gross.prices["tariff_cents_per_kwh"][:, None]
    cents = gross.steps["load_kwh"] * tariff
    np.testing.assert_allclose(-gross.cash_microcents / 1e6, cents, rtol=0, atol=1e-6)
    for name in ("pv_kwh", "export_kwh", "stored_kwh", "curtailed_kwh"):
        assert not gross.steps[name].any(), name


def test_homes_trade_in_the_arms_that_say_so(comparison: Comparison) -> None:
    for name, results in comparison.arms.items():
        assert (results.trades["step"].size > 0) == ARMS[name].trades, name


def test_generated_homes_save_with_a_battery_then_with_plans_then_with_trade() -> None:
    """The case that this project was asked for; its manifest names no file of meters."""
    arms = ["gross", "grid_only", "self_use", "plan_alone", "market"]
    generated = compare(load("synthetic"), arms)
    cost_usd = {name: arm.cost_usd for name, arm in summary(generated).arms.items()}
    assert list(cost_usd) == arms
    assert list(cost_usd.values()) == sorted(cost_usd.values(), reverse=True)
    assert cost_usd["market"] < 0.9 * cost_usd["self_use"]
    described = manifest(generated, {})
    assert list(described.inputs) == [
        "profiles/data/tariff_pge_tou_c.yaml",
        "profiles/data/carbon_caiso_pge.parquet",
    ]
    assert described.resampling == "generated in steps of the run"


def test_progress_counts_all_steps_of_all_arms(small: Scenario) -> None:
    told: list[tuple[str, int, int]] = []
    compare(small, ["self_use", "grid_only"], lambda *step: told.append(step))
    assert [done for _, done, _ in told] == list(range(1, 97))
    assert {total for _, _, total in told} == {96}
    assert [told[0][0], told[47][0], told[48][0]] == ["grid_only", "grid_only", "self_use"]


def test_an_arm_alone_is_the_same_as_beside_others(small: Scenario, comparison: Comparison) -> None:
    alone = compare(small, ["market"])
    assert alone.arms["market"].ledger == comparison.arms["market"].ledger


def test_a_simulation_is_the_arm_that_the_scenario_describes(
    small: Scenario, comparison: Comparison
) -> None:
    simulated = simulate(small)
    assert list(simulated.arms) == ["market"]
    assert simulated.simulated
    assert not comparison.simulated
    assert simulated.arms["market"].ledger == comparison.arms["market"].ledger


def test_a_simulation_without_market_trades_nothing(small: Scenario) -> None:
    scenario = small.model_copy(
        update={
            "market": MarketConfig(mechanism="none"),
            "strategy": StrategyConfig(name="self_use"),
        }
    )
    simulated = simulate(scenario)
    assert list(simulated.arms) == ["self_use"]
    assert simulated.arms["self_use"].trades["step"].size == 0


def test_an_unknown_arm_is_refused(small: Scenario) -> None:
    with pytest.raises(InputError, match="moon"):
        compare(small, ["moon"])


def test_another_seed_trades_otherwise_at_the_same_prices(
    small: Scenario, comparison: Comparison
) -> None:
    other = compare(small.model_copy(update={"seed": 1}), ["market"]).arms["market"]
    market = comparison.arms["market"]
    assert other.ledger_head != market.ledger_head
    np.testing.assert_allclose(
        other.prices["clearing_cents_per_kwh"], market.prices["clearing_cents_per_kwh"]
    )


@pytest.mark.parametrize(
    ("overrides", "names", "asked", "count"),
    [
        (["homes.count=9", "run.days=7"], None, None, 1),  # over in seconds
        (["homes.count=9", "run.days=180"], None, None, 4),
        (["homes.count=9", "run.days=180"], ["gross", "grid_only", "self_use"], None, 1),
        (["homes.count=9", "run.days=180"], ["plan_alone", "market"], None, 2),
        (["homes.count=9", "run.days=180"], None, 1, 1),
        (["homes.count=2", "run.days=1"], ["grid_only", "market"], 8, 2),
        (["homes.count=2", "run.days=1"], None, 3, 3),
    ],
)
def test_more_processes_are_started_where_they_pay_or_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
    overrides: list[str],
    names: list[str] | None,
    asked: int | None,
    count: int,
) -> None:
    """Nothing is lived here; the machine has four cores."""
    started: list[int] = []

    def stand_in(*given: object) -> list[object]:
        started.append(int(str(given[2])))
        return [None] * 9

    monkeypatch.setattr(comparing, "cores_count", lambda: 4)
    monkeypatch.setattr(workers, "spread", stand_in)
    with pytest.raises(ValueError, match="zip"):  # nothing came of it
        compare(load("fontana_mixed", ["run.start=2016-09-01", *overrides]), names, None,
                Means(workers=asked))  # fmt: skip
    assert started == [count]


def test_the_cores_of_the_machine_are_counted() -> None:
    assert 1 <= comparing.cores_count() <= (os.cpu_count() or 1)
