"""A community without the main grid: what every arm keeps to, knows, serves and pays."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.config import BoundConfig, StrategyName
from agents.deciding import STRATEGIES
from benchmarks.served import most_served_kwh
from model import metrics
from model.bound import bound
from model.community import Community
from model.results import Results
from model.setup import Setup
from profiles.arrays import Floats
from profiles.profiles import Profiles

SetupOf = Callable[..., Setup]
Lived = Callable[[Setup], Community]

QUICK = {"samples_count": 2, "horizon_hours": 12}
ALONE = {"mechanism": "none"}
DARK = range(34, 42)  # 17:00 to 21:00 of the first day


def _setup(setup_of: SetupOf, homes: Profiles, strategy: StrategyName, **knobs: object) -> Setup:
    outage = knobs.pop("outage", DARK)
    found = setup_of(homes, strategy, days=2, forecast=QUICK, **knobs)
    return replace(found, outage=outage)


@pytest.mark.parametrize("strategy", list(STRATEGIES))
def test_an_outage_changes_no_byte_of_what_was_before_it(
    three_homes: Profiles, setup_of: SetupOf, strategy: StrategyName
) -> None:
    dark, light = (
        Community(_setup(setup_of, three_homes, strategy, outage=outage))
        for outage in (DARK, range(0))
    )
    for community in (dark, light):
        for _ in range(DARK.stop):
            community.step()
    here, there = dark.results(), light.results()
    for name, column in here.steps.items():
        assert column[: DARK.start].tobytes() == there.steps[name][: DARK.start].tobytes(), name
    assert there.steps["import_kwh"][DARK].any()
    assert not here.steps["import_kwh"][DARK].any()


@pytest.mark.parametrize("market", [{}, ALONE])
@pytest.mark.parametrize("strategy", list(STRATEGIES))
def test_in_every_arm_homes_live_on_what_they_have_and_pay_each_other_the_tariff(
    three_homes: Profiles, setup_of: SetupOf, lived: Lived, strategy: StrategyName,
    market: dict[str, object],
) -> None:  # fmt: skip
    results = lived(_setup(setup_of, three_homes, strategy, market=market)).results()
    steps, trades = results.steps, results.trades
    for name in ("import_kwh", "export_kwh", "import_cost_microcents", "export_credit_microcents"):
        assert not steps[name][DARK].any(), name
    given = (trades["step"] >= DARK.start) & (trades["step"] < DARK.stop)
    assert given.any()
    tariff = results.prices["tariff_cents_per_kwh"][trades["step"][given]]
    assert trades["price_cents_per_kwh"][given].tolist() == tariff.tolist()
    if market == ALONE:
        assert given.all()
    if strategy == "grid_only":
        assert not steps["discharge_kwh"].any()
    assert results.money_sum_microcents == 0


def _served(results_steps: dict[str, Floats], outage: range) -> float:
    return float((results_steps["load_kwh"] - results_steps["unserved_kwh"])[outage].sum())


@settings(max_examples=8)
@given(
    seed=st.integers(0, 2**16),
    strategy=st.sampled_from(["self_use", "time_of_use", "plan_alone", "market"]),
    outage=st.sampled_from([DARK, range(20, 68), range(10, 34)]),
    knobs=st.tuples(st.sampled_from([0.0, 0.05]), st.sampled_from([0.0, 0.4])),
)
def test_nearly_as_much_is_served_as_could_be_knowing_all_and_never_more(
    synthetic_homes: Callable[..., Profiles], setup_of: SetupOf, seed: int,
    strategy: StrategyName, outage: range, knobs: tuple[float, float],
) -> None:  # fmt: skip
    loss, reserve = knobs
    homes = synthetic_homes(seed=seed)
    setup = _setup(
        setup_of, homes, strategy, outage=outage, market={"loss_fraction": loss},
        battery={"reserve_fraction": reserve},
    )  # fmt: skip
    community = Community(setup)
    for _ in range(outage.stop):
        if community.index == outage.start:
            stored_kwh = community.state.stored_kwh
        community.step()
    lived = slice(setup.first_step + outage.start, setup.first_step + outage.stop)
    load_kwh, pv_kwh = homes.load_kwh[lived], homes.pv_kwh[lived]
    best_kwh = most_served_kwh(setup.fleet, stored_kwh, load_kwh, pv_kwh, loss)
    served_kwh = _served(community.results().steps, outage)
    assert served_kwh <= best_kwh + 1e-6
    assert served_kwh >= 0.95 * best_kwh


@pytest.mark.parametrize("strategy", ["self_use", "time_of_use", "plan_alone", "market"])
def test_a_reserve_is_kept_until_the_outage_used_in_it_and_filled_again(
    three_homes: Profiles, setup_of: SetupOf, lived: Lived, strategy: StrategyName
) -> None:
    battery = {"reserve_fraction": 0.3}
    setup = _setup(setup_of, three_homes, strategy, battery=battery)
    stored_kwh = lived(setup).results().steps["stored_kwh"]
    full_kwh = 13.5 * 0.4
    assert setup.state.stored_kwh == pytest.approx([full_kwh] * 3)
    assert (stored_kwh[: DARK.start] >= full_kwh - 1e-9).all()
    assert stored_kwh[DARK].min() < full_kwh - 1.0
    before, after = stored_kwh[DARK.stop - 1 : -1], stored_kwh[DARK.stop :]
    assert (after >= np.minimum(before, full_kwh) - 1e-9).all()


def test_a_reserve_serves_more_in_the_outage(
    three_homes: Profiles, setup_of: SetupOf, lived: Lived
) -> None:
    served = []
    for fraction in (0.0, 0.3):
        battery = {"reserve_fraction": fraction}
        results = lived(_setup(setup_of, three_homes, "self_use", battery=battery)).results()
        told = metrics.outage(results)
        assert told is not None
        dark_kwh = results.steps["unserved_kwh"][DARK].sum()
        assert told["served_fraction"] == pytest.approx(1.0 - dark_kwh / told["load_kwh"])
        served.append(told["served_fraction"])
    assert served[1] > served[0]


@pytest.mark.parametrize("market", [{}, ALONE])
def test_the_bound_knows_of_the_outage_and_serves_no_less_than_any_arm(
    three_homes: Profiles, setup_of: SetupOf, lived: Lived, market: dict[str, object]
) -> None:
    battery = {"reserve_fraction": 0.2}
    knobs = {"market": market, "battery": battery, "outage": range(20, 68)}
    arms = {
        name: lived(_setup(setup_of, three_homes, name, **knobs)).results()
        for name in ("self_use", "plan_alone", "market")
    }
    found = bound(_setup(setup_of, three_homes, "market", **knobs), BoundConfig())
    assert found.status == "optimal"
    assert found.outage is not None
    assert found.step_import_kwh is not None
    assert not found.step_import_kwh[20:68].any()
    for name, results in arms.items():
        told = metrics.outage(results)
        assert told is not None
        assert found.outage["served_fraction"] >= told["served_fraction"] - 1e-9, name
        assert found.outage["load_kwh"] == pytest.approx(told["load_kwh"])


def test_a_home_without_a_neighbour_lives_on_its_own(
    synthetic_homes: Callable[..., Profiles], setup_of: SetupOf, lived: Lived
) -> None:
    homes = synthetic_homes([3])
    results = lived(_setup(setup_of, homes, "self_use", outage=range(96))).results()
    assert results.trades_count == 0
    assert not results.steps["import_kwh"].any()


def test_an_outage_is_told_by_what_was_served_in_it(results: Callable[..., Results]) -> None:
    lived = results(
        3, 2,
        load_kwh=[[1.0, 1.0], [2.0, 2.0], [3.0, 1.0]],
        unserved_kwh=[[0.5, 0.0], [1.0, 0.0], [1.0, 0.0]],
        p2p_in_kwh=[[0.2, 0.0], [0.3, 0.0], [0.1, 0.0]],
        outage=range(1, 3),
    )  # fmt: skip
    assert metrics.outage(lived) == pytest.approx(
        {
            "outage_hours": 1.0, "load_kwh": 8.0, "unserved_kwh": 2.0, "shared_kwh": 0.4,
            "served_fraction": 0.75,
        }
    )  # fmt: skip
    assert metrics.outage(results(3, 2)) is None
    assert metrics.in_outage(range(2), 30, 0.0, 0.0, 0.0)["served_fraction"] == 1.0
