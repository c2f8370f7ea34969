"""Homes that lose by trading plan for themselves, until trade pays again."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from agents import curves, guard, prices, pricing
from agents.config import StrategyConfig
from agents.curves import Curves
from agents.decisions import Decisions, Situation
from agents.fleet import Fleet, FleetState
from agents.guard import Guard
from agents.strategies import plan_alone
from forecasting.forecast import Samples
from market.config import MarketConfig
from model import metrics
from model.community import Community
from model.setup import Setup
from profiles.arrays import Floats
from profiles.profiles import Profiles

FleetOf = Callable[..., Fleet]
SituationOf = Callable[..., Situation]
SetupOf = Callable[..., Setup]
Lived = Callable[[Setup], Community]

GRID = (35.0, 5.0)
ROOT = 0.9**0.5
DEAR = 60.0  # cents per stored kWh, as homes value it that have the market in view


def _shown(homes: Fleet, situation: SituationOf, held: list[float]) -> Situation:
    """Each needs 1 kWh now; there is one step, and what is left is worth 35 e_d a kWh."""
    count = len(held)
    drawn = Samples(
        np.ones((count, 1, 1)), np.zeros((count, 1, 1)), np.ones(1), np.zeros(1, np.int64)
    )
    known = prices.of_grid(np.array([35.0]), np.array([5.0]))
    return situation(homes, held, np.ones(count), np.zeros(count), known, drawn)


def _wanted(count: int) -> Decisions:
    return Decisions(
        np.zeros(count), Curves(np.arange(count + 1), np.full(count, DEAR), np.full(count, 9.45))
    )


def _values(decided: Decisions) -> list[float]:
    found: list[float] = decided.curves.value_cents_per_kwh.tolist()
    return found


def _day(keeper: Guard, homes: Situation, day: int, paid_cents: list[float]) -> Decisions:
    """Live a step of a day and pay; the doubles, who hold nothing, import 1 kWh for 35 cents."""
    decided = keeper.applied(homes, _wanted(len(paid_cents)), GRID, day)
    keeper.settle(np.array([round(-cents * 1e6) for cents in paid_cents]))
    return decided


@pytest.fixture
def two(fleet: FleetOf, situation: SituationOf) -> Situation:
    """Show two homes with empty batteries."""
    return _shown(fleet(2), situation, [0.0, 0.0])


def _kept(homes: Situation, days_count: int) -> Guard:
    return Guard(homes.fleet, homes.state, days_count)


def test_a_home_that_lost_values_energy_as_its_double_and_the_other_does_not(
    two: Situation,
) -> None:
    keeper = _kept(two, 7)
    assert _values(_day(keeper, two, 1, [36.0, 30.0])) == [DEAR, DEAR]
    decided = _day(keeper, two, 2, [35.0, 35.0])
    assert keeper.alone.tolist() == [True, False]
    assert _values(decided) == pytest.approx([35.0 * ROOT, DEAR])


def test_within_a_day_nobody_is_judged(two: Situation) -> None:
    keeper = _kept(two, 7)
    for _ in range(3):
        assert _values(_day(keeper, two, 1, [90.0, 90.0])) == [DEAR, DEAR]
    _day(keeper, two, 2, [0.0, 0.0])
    _day(keeper, two, 2, [0.0, 0.0])
    assert keeper.alone.tolist() == [True, True]  # for the whole day


def test_it_is_freed_when_trade_has_paid_over_the_days_that_count(two: Situation) -> None:
    # Home 1 loses 1 cent, then gains a half, then another: 2 days later it has lost nothing over
    # the last two. Over the last one it had gained at once.
    for days_count, alone in ((1, [True, False, False]), (2, [True, True, False])):
        keeper, found = _kept(two, days_count), []
        for day, paid in enumerate((36.0, 34.5, 34.5, 35.0)):
            _day(keeper, two, day, [paid, 35.0])
            found.append(bool(keeper.alone[0]))
        assert found == [False, *alone]
        assert not keeper.alone[1]  # as good as its double is good enough


def test_what_a_home_holds_more_than_its_double_is_worth_refilling(
    situation: SituationOf, two: Situation
) -> None:
    # 2 kWh more stored would save 2 e_d times 35 cents: 66.4 of those that it paid too much.
    fuller = _shown(two.fleet, situation, [2.0, 2.0])
    keeper = _kept(two, 7)
    _day(keeper, two, 1, [35.0 + 66.3, 35.0 + 66.5])
    keeper.applied(fuller, _wanted(2), GRID, 2)
    assert keeper.alone.tolist() == [False, True]


def test_a_double_lives_on_what_it_holds_itself(fleet: FleetOf, situation: SituationOf) -> None:
    # A load of 1 kWh now, dearer than what is left will be worth. The double began with 1.5 kWh:
    # it serves 1 kWh, then what is left, then nothing, while the home is empty all the while.
    known = prices.of_grid(np.array([40.0, 35.0]), np.array([5.0, 5.0]))
    drawn = Samples(
        np.array([[[1.0, 0.0]]]), np.zeros((1, 1, 2)), np.ones(1), np.zeros(1, np.int64)
    )
    homes = situation(fleet(1), [0.0], [1.0], [0.0], known, drawn)
    begun = FleetState(homes.fleet.stored_kwh_min + 1.5, np.zeros(1))
    keeper = Guard(homes.fleet, begun, 7)
    for _ in range(3):
        keeper.applied(homes, _wanted(1), (40.0, 5.0), 1)
    assert keeper._gain_cents == pytest.approx([40.0 * (3.0 - 1.5 * ROOT)])
    assert keeper._double.stored_kwh == pytest.approx(homes.fleet.stored_kwh_min)


def test_a_plan_for_oneself_is_the_exact_plan_of_the_grids_prices(
    fleet: FleetOf, situation: SituationOf
) -> None:
    rng = np.random.default_rng(2)
    drawn = Samples(
        rng.gamma(1.0, 0.6, (2, 1, 12)),
        rng.gamma(1.0, 0.8, (2, 1, 12)),
        np.ones(1),
        np.zeros(1, np.int64),
    )
    known = prices.of_grid(rng.uniform(28.0, 51.0, 12), np.full(12, 5.0))
    heard = replace(known, buy_cents_per_kwh=np.full((1, 12), 11.0))
    homes = situation(fleet(2), [1.0, 2.0], [0.3, 0.3], [0.0, 0.0], heard, drawn, cells_count=960)
    alone = guard.planned_exactly(homes, known).curves
    on_grid = plan_alone.decide(homes).curves
    for row in (0, 1):
        for held in np.linspace(0.2, 9.0, 12):
            exact, near = (_worth(worth, row, held) for worth in (alone, on_grid))
            waiting = curves.WAITING_CENTS_PER_KWH * held
            assert near + waiting == pytest.approx(exact, abs=0.2)


def test_a_double_does_not_hear_the_prices_of_trade(fleet: FleetOf, situation: SituationOf) -> None:
    drawn = Samples(np.full((1, 1, 6), 0.5), np.zeros((1, 1, 6)), np.ones(1), np.zeros(1, np.int64))
    known = prices.of_grid(np.array([28.0, 28.0, 51.0, 51.0, 51.0, 51.0]), np.full(6, 5.0))
    dear = replace(known, buy_cents_per_kwh=np.full((1, 6), 90.0))
    doubles = []
    for heard in (known, dear):
        homes = situation(fleet(1), [1.0], [0.5], [0.0], heard, drawn)
        keeper = _kept(homes, 1)
        keeper.applied(homes, _wanted(1), (28.0, 5.0), 0)
        doubles.append(keeper._double.stored_kwh)
    assert doubles[0] == doubles[1]
    assert doubles[0] > 1.0  # it charged


def _worth(known: Curves, row: int, held: float) -> float:
    own = slice(known.offset[row], known.offset[row + 1])
    ends = np.cumsum(known.width_kwh[own])
    within = np.clip(held - (ends - known.width_kwh[own]), 0.0, known.width_kwh[own])
    return float(known.value_cents_per_kwh[own] @ within)


def test_a_plan_without_samples_is_refused(fleet: FleetOf, situation: SituationOf) -> None:
    homes = situation(fleet(1), [0.0], [0.0], [0.0])
    with pytest.raises(ValueError, match="samples"):
        _kept(homes, 7).applied(homes, _wanted(1), GRID, 1)


def _energy_cents(community: Community) -> Floats:
    """Sum up what every home received for energy and trade, less what it paid."""
    steps = community.results().steps
    signs = {"export_credit": 1, "p2p_received": 1, "import_cost": -1, "p2p_paid": -1, "fee": -1}
    return sum(sign * steps[f"{name}_microcents"].sum(axis=0) for name, sign in signs.items()) / 1e6


def test_the_double_pays_what_the_home_would_pay_that_plans_alone(
    three_homes: Profiles, setup_of: SetupOf, lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planned the same way: on the same grid, with an end that is not learned."""
    monkeypatch.setattr(guard, "planned_exactly", lambda homes, _: plan_alone.decide(homes))
    same = {"end_learning_fraction": 0.0}
    market, alone = (
        setup_of(three_homes, "market", days=2),
        setup_of(three_homes, "plan_alone", days=2, market={"mechanism": "none"}),
    )
    traded, planned_alone = (
        lived(replace(setup, strategy=StrategyConfig(name=setup.strategy.name, **same)))
        for setup in (market, alone)
    )
    assert planned_alone.guard is None
    assert traded.guard is not None
    paid = _energy_cents(traded) - traded.guard._gain_cents
    assert paid == pytest.approx(_energy_cents(planned_alone), abs=1e-3)
    assert traded.guard._double.stored_kwh == pytest.approx(planned_alone.state.stored_kwh)
    assert np.abs(traded.guard._gain_cents).min() > 1.0


def test_without_days_nobody_is_guarded(three_homes: Profiles, setup_of: SetupOf) -> None:
    setup = setup_of(three_homes, "market")
    assert Community(setup).guard is not None
    free = replace(setup, strategy=StrategyConfig(name="market", guard_days=0))
    assert Community(free).guard is None
    assert Community(setup_of(three_homes, "score_rule")).guard is None


def test_a_signal_that_lies_costs_a_home_no_more_than_it_takes_to_notice(
    synthetic_homes: Callable[..., Profiles],
    setup_of: SetupOf,
    lived: Lived,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Homes are told that neighbours pay the tariff at all times, and believe it."""

    def lie(outlook: pricing.Outlook, _: MarketConfig) -> Floats:
        return outlook.grid.tariff_cents_per_kwh.copy()

    monkeypatch.setattr(pricing, "SIGNALS", MappingProxyType({"marginal": lie}))
    homes, knobs = synthetic_homes(days=22), {"days": 5, "market": {"price_signal": "marginal"}}
    alone = setup_of(homes, "plan_alone", days=5, market={"mechanism": "none"})
    cost = [metrics.home_costs_usd(lived(alone).results())]
    for days_count in (0, 7):
        setup = setup_of(homes, "market", **knobs)
        believing = StrategyConfig(name="market", signal_trust_fraction=1.0, guard_days=days_count)
        cost.append(metrics.home_costs_usd(lived(replace(setup, strategy=believing)).results()))
    lost_free, lost = cost[1] - cost[0], cost[2] - cost[0]
    assert lost_free.max() > 5.0
    assert lost.max() < 0.2 * lost_free.max()


def test_an_outage_makes_no_home_better_or_worse_than_its_double(two: Situation) -> None:
    """What homes hold more when it begins is gained; after it both hold the same."""
    keeper = _kept(two, 7)
    _day(keeper, two, 1, [35.0, 35.0])
    ahead_kwh = np.array([1.0, -1.0])
    ahead = replace(two, state=replace(two.state, stored_kwh=two.state.stored_kwh + ahead_kwh))
    keeper.live_through(ahead, two.state)
    keeper.live_through(two, two.state)
    _day(keeper, two, 2, [35.0, 35.0])
    assert keeper.alone.tolist() == [False, True]
