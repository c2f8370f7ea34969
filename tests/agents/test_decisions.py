"""What a home is shown, what it values, and what its battery does once trades are known."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import curves, nonconvex, prices, threads
from agents.curves import Curves
from agents.decisions import Decisions, Situation, best_batteries, planned
from agents.fleet import Fleet
from forecasting.forecast import Samples

FleetOf = Callable[..., Fleet]
SituationOf = Callable[..., Situation]

GRID = (35.0, 5.0)
ROOT = 0.9**0.5
WAIT = curves.WAITING_CENTS_PER_KWH  # less, everywhere: of equal times to charge the latest


def _samples(rng: np.random.Generator, homes_count: int, steps_count: int) -> Samples:
    shape = (homes_count, 3, steps_count)
    weights = rng.dirichlet(np.ones(3))
    return Samples(
        rng.gamma(1.0, 0.6, shape), rng.gamma(1.0, 0.8, shape), weights, np.arange(weights.size)
    )


def _random_situation(fleet: Fleet, situation: SituationOf, seed: int) -> Situation:
    rng, count = np.random.default_rng(seed), fleet.homes_count
    known = prices.of_grid(rng.uniform(28.0, 51.0, 10), np.full(10, 5.0))
    drawn = _samples(rng, count, 10)
    held = rng.uniform(0.0, 9.45, count)
    return situation(fleet, held, rng.random(count), rng.random(count), known, drawn)


def test_what_is_held_is_counted_from_the_lower_limit(
    fleet: FleetOf, situation: SituationOf
) -> None:
    homes = situation(fleet(2), [0.0, 3.0], [0, 0], [0, 0])
    assert homes.state.stored_kwh == pytest.approx([1.35, 4.35])
    assert homes.held_kwh == pytest.approx([0.0, 3.0])


def test_some_rows_are_shown_all_that_is_theirs(fleet: FleetOf, situation: SituationOf) -> None:
    whole = _random_situation(fleet(4), situation, seed=1)
    part = whole.rows(np.array([3, 1]))
    assert part.fleet.home_ids.tolist() == [4, 2]
    assert part.load_kwh.tolist() == whole.load_kwh[[3, 1]].tolist()
    assert part.pv_kwh.tolist() == whole.pv_kwh[[3, 1]].tolist()
    assert part.held_kwh.tolist() == whole.held_kwh[[3, 1]].tolist()
    assert part.prices is whole.prices
    assert part.samples is not None
    assert whole.samples is not None
    assert part.samples.load_kwh.tolist() == whole.samples.load_kwh[[3, 1]].tolist()
    assert part.samples.pv_kwh.tolist() == whole.samples.pv_kwh[[3, 1]].tolist()
    assert part.samples.weights is whole.samples.weights
    assert part.memory is not None
    assert part.memory.end_benefit_cents.shape == (2, 98)


def test_rows_of_homes_that_do_not_plan_have_no_samples(
    fleet: FleetOf, situation: SituationOf
) -> None:
    homes = situation(fleet(2), [0, 0], [0, 0], [0, 0]).rows(np.array([1]))
    assert (homes.samples, homes.memory) == (None, None)


def test_a_plan_without_samples_is_refused(fleet: FleetOf, situation: SituationOf) -> None:
    homes = situation(fleet(1), [0.0], [0.0], [0.0])
    with pytest.raises(ValueError, match="samples"):
        planned(homes, homes.prices)


def test_energy_is_worth_the_load_that_it_will_serve(
    fleet: FleetOf, situation: SituationOf
) -> None:
    # One step later a load that a quarter of the battery serves is needed at 51 cents: these kWh
    # save 51 e_d each. The rest is worth the lowest tariff at the end, 28 e_d.
    quarter = 9.45 / 4
    known = prices.of_grid(np.array([28.0, 51.0]), np.array([5.0, 5.0]))
    future = Samples(
        np.array([[[0.0, quarter * ROOT]]]), np.zeros((1, 1, 2)), np.ones(1), np.zeros(1, np.int64)
    )
    decided = planned(situation(fleet(1), [0.0], [0.0], [0.0], known, future), known)
    by_hand = [51.0 * ROOT - WAIT, 28.0 * ROOT - WAIT]
    assert decided.curves.value_cents_per_kwh == pytest.approx(by_hand)
    assert decided.curves.width_kwh == pytest.approx([quarter, 3 * quarter])
    assert decided.battery_kwh.tolist() == [0.0]


def test_the_end_is_worth_the_lowest_tariff_even_if_homes_sell_for_less(
    fleet: FleetOf, situation: SituationOf
) -> None:
    ten = np.array([10.0, 10.0])
    known = prices.Prices(ten[None], ten[None], np.array([40.0, 28.0]), np.array([5.0, 5.0]))
    future = Samples(np.zeros((1, 1, 2)), np.zeros((1, 1, 2)), np.ones(1), np.zeros(1, np.int64))
    decided = planned(situation(fleet(1), [0.0], [0.0], [0.0], known, future), known)
    # At 10 cents a step's power fills the first part of the battery; room beyond it stays
    # worth 28 e_d to whoever fills it now.
    assert decided.curves.value_cents_per_kwh.max() == pytest.approx(28.0 * ROOT - WAIT)


def test_equally_likely_futures_are_averaged(fleet: FleetOf, situation: SituationOf) -> None:
    known = prices.of_grid(np.array([28.0, 51.0]), np.array([5.0, 5.0]))
    load = np.array([[[0.0, 2.0], [0.0, 0.0]]])  # needed in one of two futures
    future = Samples(load, np.zeros_like(load), np.full(2, 0.5), np.arange(2))
    decided = planned(situation(fleet(1), [0.0], [0.0], [0.0], known, future), known)
    assert decided.curves.value_cents_per_kwh[0] == pytest.approx(39.5 * ROOT - WAIT)


def test_a_likelier_future_weighs_more(fleet: FleetOf, situation: SituationOf) -> None:
    known = prices.of_grid(np.array([28.0, 51.0]), np.array([5.0, 5.0]))
    load = np.array([[[0.0, 2.0], [0.0, 0.0]]])
    future = Samples(load, np.zeros_like(load), np.array([0.8, 0.2]), np.arange(2))
    decided = planned(situation(fleet(1), [0.0], [0.0], [0.0], known, future), known)
    expected = (0.8 * 51.0 + 0.2 * 28.0) * ROOT - WAIT
    assert decided.curves.value_cents_per_kwh[0] == pytest.approx(expected)
    assert decided.benefit_cents is not None
    first_cell = np.diff(decided.benefit_cents[0])[0]
    assert first_cell * 96 / 9.45 == pytest.approx(expected + WAIT)


def test_a_home_without_a_battery_values_nothing(fleet: FleetOf, situation: SituationOf) -> None:
    homes = fleet(2, kind="none")
    known = prices.of_grid(np.array([28.0, 51.0]), np.array([5.0, 5.0]))
    future = _samples(np.random.default_rng(0), 2, 2)
    empty = situation(homes, [0, 0], [1, 0], [0, 1], known, future)
    decided = planned(empty, known)
    assert decided.curves.offset.tolist() == [0, 0, 0]
    zero = np.zeros(2)
    assert best_batteries(empty, decided, zero, zero, GRID).tolist() == [0.0, 0.0]


@given(seed=st.integers(0, 2**32 - 1))
def test_a_home_values_alone_what_it_values_among_others(
    fleet: FleetOf, situation: SituationOf, seed: int
) -> None:
    homes = _random_situation(fleet(5), situation, seed)
    together = planned(homes, homes.prices).curves
    for row in range(5):
        alone = planned(homes.rows(np.array([row])), homes.prices).curves
        own = slice(together.offset[row], together.offset[row + 1])
        assert together.value_cents_per_kwh[own].tolist() == alone.value_cents_per_kwh.tolist()
        assert together.width_kwh[own].tolist() == alone.width_kwh.tolist()


@given(seed=st.integers(0, 2**32 - 1))
def test_more_stored_energy_is_never_worth_more_per_kwh(
    fleet: FleetOf, situation: SituationOf, seed: int
) -> None:
    homes = _random_situation(fleet(3), situation, seed)
    worth = planned(homes, homes.prices).curves
    for row in range(3):
        own = slice(worth.offset[row], worth.offset[row + 1])
        assert (np.diff(worth.value_cents_per_kwh[own]) < 0.0).all()
        assert worth.width_kwh[own].sum() == pytest.approx(9.45)


# A battery of 9.45 kWh usable, 2.5 kWh AC per step, e_c = e_d = ROOT; one value throughout.
def _valued(value: float, homes_count: int = 1) -> Decisions:
    offset = np.arange(homes_count + 1)
    flat = Curves(offset, np.full(homes_count, value), np.full(homes_count, 9.45))
    return Decisions(np.zeros(homes_count), flat)


@pytest.mark.parametrize(
    ("value", "load", "pv", "expected"),
    [
        (20.0, 1.0, 0.0, -1.0),  # 20 / e_d is below the tariff: the load is served
        (34.0, 1.0, 0.0, 0.0),  # 34 / e_d is above it, 34 e_c below: neither
        (40.0, 1.0, 0.0, 2.5),  # 40 e_c is above: charged from the grid
        (20.0, 0.0, 1.0, 1.0),  # 20 e_c is above what exporting pays: surplus is stored
        (5.0, 0.0, 1.0, 0.0),  # 5 e_c is not, 5 / e_d is more than exporting pays
        (4.0, 0.0, 1.0, -2.5),  # 4 / e_d is less: even stored energy is exported
    ],
)
def test_without_trades_the_battery_follows_its_value(
    fleet: FleetOf, situation: SituationOf, value: float, load: float, pv: float, expected: float
) -> None:
    homes, zero = situation(fleet(1), [5.0], [load], [pv]), np.zeros(1)
    battery = best_batteries(homes, _valued(value), zero, zero, GRID)
    assert battery == pytest.approx([expected])


def test_what_was_sold_comes_out_of_the_battery(fleet: FleetOf, situation: SituationOf) -> None:
    homes = situation(fleet(1), [5.0], [0.5], [0.0])
    battery = best_batteries(homes, _valued(20.0), np.zeros(1), np.array([1.0]), GRID)
    assert battery == pytest.approx([-1.5])


def test_what_was_bought_for_the_battery_is_charged(fleet: FleetOf, situation: SituationOf) -> None:
    homes = situation(fleet(1), [5.0], [0.5], [0.0])
    battery = best_batteries(homes, _valued(20.0), np.array([1.5]), np.zeros(1), GRID)
    assert battery == pytest.approx([1.0])


def test_trades_use_up_the_connection(fleet: FleetOf, situation: SituationOf) -> None:
    # 3 kWh flow in at most. Energy is dear, so the battery charges as far as the cable carries:
    # 2.5 less what the load takes, and less again what was bought for a load of 2.
    homes = situation(fleet(1, import_kw_max=6.0), [5.0], [2.0], [0.0])
    alone = best_batteries(homes, _valued(60.0), np.zeros(1), np.zeros(1), GRID)
    after = best_batteries(homes, _valued(60.0), np.array([1.0]), np.zeros(1), GRID)
    assert (alone.tolist(), after.tolist()) == ([1.0], [1.0])  # 3 in all, traded or not
    # 2 kWh flow out at most, of which 1.5 are sold: half a kWh may still be exported.
    homes = situation(fleet(1, export_kw_max=4.0), [5.0], [0.0], [0.0])
    battery = best_batteries(homes, _valued(1.0), np.zeros(1), np.array([1.5]), GRID)
    assert battery == pytest.approx([-2.0])


def test_a_home_without_segments_follows_its_set_point(
    fleet: FleetOf, situation: SituationOf
) -> None:
    homes = situation(fleet(2), [5.0, 5.0], [1.0, 1.0], [0.0, 0.0])
    one = Curves(np.array([0, 0, 1]), np.array([20.0]), np.array([9.45]))
    decided = Decisions(np.array([0.25, 0.25]), one)
    battery = best_batteries(homes, decided, np.zeros(2), np.zeros(2), GRID)
    assert battery == pytest.approx([0.25, -1.0])  # the second is free: its set-point is not used


def test_when_nobody_is_free_all_follow_their_set_points(
    fleet: FleetOf, situation: SituationOf
) -> None:
    homes = situation(fleet(2), [5.0, 5.0], [1.0, 1.0], [0.0, 0.0])
    decided = Decisions(np.array([0.5, -0.5]), curves.none(2))
    battery = best_batteries(homes, decided, np.zeros(2), np.zeros(2), GRID)
    assert battery.tolist() == [0.5, -0.5]


@given(st.integers(0, 10_000))
def test_where_exporting_pays_more_a_home_does_the_first_thing_of_its_exact_plan(
    fleet: FleetOf, situation: SituationOf, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    known = prices.of_grid(rng.uniform(-5.0, 51.0, 10), rng.uniform(-5.0, 80.0, 10))
    homes, held = fleet(1), rng.uniform(0.0, 9.45, 1)
    load, pv = rng.gamma(1.0, 0.6, (1, 10)), rng.gamma(1.0, 0.8, (1, 10))
    future = Samples(load[:, None], pv[:, None], np.ones(1), np.zeros(1, np.int64))
    shown = situation(homes, held, load[:, 0], pv[:, 0], known, future)
    grid = float(known.tariff_cents_per_kwh[0]), float(known.export_cents_per_kwh[0])
    done = best_batteries(shown, planned(shown, known), np.zeros(1), np.zeros(1), grid)
    terminal = np.array([known.lowest_tariff_cents_per_kwh * ROOT])
    whole, _, _ = nonconvex.plan(load, pv, known.pairs(np.ones(1)), homes.limits, held, terminal)
    assert done == pytest.approx(whole[:, 0], abs=1e-9)


@pytest.mark.parametrize("threads_count", [1, 2, 3, 7])
@pytest.mark.parametrize("odd_cents", [5.0, 60.0])  # exporting pays less, or more, than importing
def test_plans_are_the_same_to_the_bit_however_many_threads_make_them(
    fleet: FleetOf,
    situation: SituationOf,
    monkeypatch: pytest.MonkeyPatch,
    threads_count: int,
    odd_cents: float,
) -> None:
    monkeypatch.setattr(threads, "HOMES_MIN", 1)
    seen = _random_situation(fleet(7), situation, seed=4)
    export = np.full(10, 5.0)
    export[3] = odd_cents
    known = prices.of_grid(seen.prices.tariff_cents_per_kwh, export)
    whole = planned(seen, known)
    with threads.using(threads_count):
        shared = planned(seen, known)
    assert whole.curves.offset[-1] > 7
    for one, other in zip(whole.curves.arrays, shared.curves.arrays, strict=True):
        assert one.tobytes() == other.tobytes()
