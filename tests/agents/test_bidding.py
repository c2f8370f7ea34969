"""A home's demand curve: by hand, and against a search over everything its battery could do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agents import curves
from agents.bidding import quote
from agents.curves import Curves
from agents.decisions import Decisions, Situation, best_batteries
from agents.fleet import Fleet
from agents.memory import Memory
from market.config import MarketConfig
from market.orders import Orders, Terms, terms
from profiles.arrays import Floats

FleetOf = Callable[..., Fleet]
SituationOf = Callable[..., Situation]
Order = tuple[float, float, bool]

TARIFF, EXPORT, LOSS = 35.0, 5.0, 0.05
TERMS = terms(MarketConfig(loss_fraction=LOSS), TARIFF, EXPORT)
# 4 kWh are used, 2 kWh AC per step, half of what goes in and 0.8 of what comes out arrive.
RATINGS = {
    "capacity_kwh": 4.0,
    "soc_min_fraction": 0.0,
    "soc_max_fraction": 1.0,
    "soc_initial_fraction": 0.0,
    "power_kw_max": 4.0,
    "charge_efficiency_fraction": 0.5,
    "discharge_efficiency_fraction": 0.8,
}


def _curve(*segments: tuple[float, float]) -> Curves:
    """Join the (value, width) segments of one home."""
    value, width = np.array(segments).T
    return Curves(np.array([0, len(segments)]), value, width)


def _quoted(homes: Situation, curve: Curves, rules: Terms = TERMS) -> list[Order]:
    """Quote one home, best orders in no particular order: energy, limit, from battery."""
    orders = quote(homes, Decisions(np.zeros(1), curve), rules)
    assert (orders.home == 0).all()
    return sorted(_rows(orders))


def _rows(orders: Orders) -> list[Order]:
    columns = (orders.quantity_kwh, orders.limit_cents_per_kwh, orders.from_battery)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _about(*rows: Order) -> list[object]:
    return [(pytest.approx(energy), pytest.approx(limit), flag) for energy, limit, flag in rows]


def test_load_is_served_from_the_battery_unless_buying_is_cheaper(
    fleet: FleetOf, situation: SituationOf
) -> None:
    # Holds 2 kWh worth 16 cents each, 1.6 AC: the 0.5 of load are bought below 16 / 0.8 = 20,
    # the other 1.1 sold above 20 / 0.95; the room for 2 more, worth 4, is filled below 2 cents.
    homes = situation(fleet(1, **RATINGS), [2.0], [0.5], [0.0])
    assert _quoted(homes, _curve((16.0, 2.0), (4.0, 2.0))) == _about(
        (-1.1, 20.0 / 0.95, True), (0.5, 20.0, False), (2.0, 2.0, False)
    )


def test_load_beyond_the_battery_buys_up_to_the_tariff(
    fleet: FleetOf, situation: SituationOf
) -> None:
    homes = situation(fleet(1, **RATINGS), [0.5], [3.0], [0.0])
    # Half a kWh stored gives 0.4; 3.5 kWh of room take the full 2 kWh AC.
    assert _quoted(homes, _curve((16.0, 4.0))) == _about(
        (0.4, 20.0, False), (2.0, 8.0, False), (2.6, TARIFF, False)
    )


def test_energy_worth_more_than_the_tariff_buys_at_the_tariff_and_is_dear(
    fleet: FleetOf, situation: SituationOf
) -> None:
    homes = situation(fleet(1, **RATINGS), [1.0], [0.5], [0.0])
    assert _quoted(homes, _curve((40.0, 1.0), (0.0, 3.0))) == _about(
        (-0.3, 50.0 / 0.95, True), (0.5, TARIFF, False), (2.0, 0.0, False)
    )


def test_surplus_asks_what_charging_or_exporting_it_brings(
    fleet: FleetOf, situation: SituationOf
) -> None:
    # 3 kWh of surplus: one charges the dear room (30 * 0.5 = 15), one the cheap room, which
    # brings less than exporting, and one is beyond the battery's power.
    homes = situation(fleet(1, **RATINGS), [0.0], [0.0], [3.0])
    assert _quoted(homes, _curve((30.0, 0.5), (4.0, 3.5))) == _about(
        (-1.0, EXPORT / 0.95, False), (-1.0, EXPORT / 0.95, False), (-1.0, 15.0 / 0.95, False)
    )


def _limited(homes: Situation, today: float, later: float) -> Situation:
    """Let what a home may sell in a day be worth something."""
    quota = np.array([[today, later]])
    return replace(homes, memory=Memory(np.zeros((1, 98)), quota, 1, 1e9, 0.5))


def test_a_home_whose_sales_are_limited_asks_for_the_quota_on_top(
    fleet: FleetOf, situation: SituationOf
) -> None:
    # As above, with 3 cents for a kWh of today's quota; what it buys is no sale.
    homes = _limited(situation(fleet(1, **RATINGS), [2.0], [0.5], [0.0]), 3.0, 50.0)
    assert _quoted(homes, _curve((16.0, 2.0), (4.0, 2.0))) == _about(
        (-1.1, (20.0 + 3.0) / 0.95, True), (0.5, 20.0, False), (2.0, 2.0, False)
    )
    homes = _limited(situation(fleet(1, **RATINGS), [0.0], [0.0], [3.0]), 3.0, 50.0)
    export = (EXPORT + 3.0) / 0.95
    assert _quoted(homes, _curve((30.0, 0.5), (4.0, 3.5))) == _about(
        (-1.0, export, False), (-1.0, export, False), (-1.0, (15.0 + 3.0) / 0.95, False)
    )


def test_room_that_surplus_does_not_fill_is_for_bought_energy(
    fleet: FleetOf, situation: SituationOf
) -> None:
    homes = situation(fleet(1, **RATINGS), [0.0], [0.0], [0.5])
    assert _quoted(homes, _curve((30.0, 0.5), (20.0, 3.5))) == _about(
        (-0.5, 15.0 / 0.95, False), (0.5, 15.0, False), (1.0, 10.0, False)
    )


def test_the_cheapest_energy_held_is_given_first_and_power_ends_it(
    fleet: FleetOf, situation: SituationOf
) -> None:
    # 4 kWh held: 1.5 of them at 8 cents give 1.2 AC, then 0.8 at 16 up to the power of 2.
    homes = situation(fleet(1, **RATINGS), [4.0], [0.0], [0.0])
    assert _quoted(homes, _curve((16.0, 2.5), (8.0, 1.5))) == _about(
        (-1.2, 10.0 / 0.95, True), (-0.8, 20.0 / 0.95, True)
    )


def test_a_home_without_segments_trades_what_its_set_point_leaves(
    fleet: FleetOf, situation: SituationOf
) -> None:
    homes = situation(fleet(3, **RATINGS), [0, 0, 0], [1.0, 0.0, 0.0], [0.0, 1.0, 1.0])
    decided = Decisions(np.array([0.5, 0.25, 1.0]), curves.none(3))
    orders = quote(homes, decided, TERMS)
    assert orders.home.tolist() == [0, 1]
    assert _rows(orders) == _about((1.5, TARIFF, False), (-0.75, EXPORT / 0.95, False))


def test_homes_stand_one_after_another_with_orders_of_their_own(
    fleet: FleetOf, situation: SituationOf
) -> None:
    held, load, pv = [1.0, 3.0, 0.0], [0.5, 0.0, 0.0], [0.0, 1.0, 2.5]
    homes = situation(fleet(3, **RATINGS), held, load, pv)
    offset, value = np.array([0, 2, 3, 5]), np.array([30.0, 10.0, 20.0, 25.0, 5.0])
    joined = Curves(offset, value, np.array([1.0, 3.0, 4.0, 2.0, 2.0]))
    orders = quote(homes, Decisions(np.zeros(3), joined), TERMS)
    for row in range(3):
        own = slice(offset[row], offset[row + 1])
        segments = zip(value[own], joined.width_kwh[own], strict=True)
        alone = _quoted(homes.rows(np.array([row])), _curve(*segments))
        mine = [
            order for home, order in zip(orders.home, _rows(orders), strict=True) if home == row
        ]
        assert sorted(mine) == alone


@dataclass(frozen=True)
class Case:
    """One home, one step and one market price."""

    held: float
    load: float
    pv: float
    segments: Sequence[tuple[float, float]]
    price: float


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(1, 5))
    values = draw(st.lists(st.floats(0.0, 60.0), min_size=count, max_size=count))
    shares = draw(st.lists(st.floats(0.05, 1.0), min_size=count, max_size=count))
    widths = 4.0 * np.array(shares) / sum(shares)
    return Case(
        held=draw(st.floats(0.0, 4.0)),
        load=draw(st.sampled_from([0.0, 0.3, 1.7, 4.0])),
        pv=draw(st.sampled_from([0.0, 0.4, 2.1, 5.0])),
        segments=list(zip(sorted(values, reverse=True), widths, strict=True)),
        price=draw(st.floats(EXPORT / (1.0 - LOSS), TARIFF)),
    )


def _worth(case: Case, battery: Floats) -> Floats:
    """Value of what is held after each battery energy (s,) [cents]."""
    held = case.held + np.where(battery > 0.0, battery * 0.5, battery / 0.8)
    value, width = np.array(case.segments).T
    edges = np.cumsum(width) - width
    worth: Floats = np.clip(held[:, None] - edges, 0.0, width) @ value
    return worth


def _searched_cents(case: Case) -> float:
    """Find the least cost over battery energies, if all that is left trades at the price."""
    low, high = -min(2.0, case.held * 0.8), min(2.0, (4.0 - case.held) / 0.5)
    battery = np.linspace(low, high, 2001)
    net = case.load - case.pv + battery
    cents = np.where(net > 0.0, case.price, (1.0 - LOSS) * case.price) * net
    return float((cents - _worth(case, battery)).min())


@settings(max_examples=300)
@given(case=_cases())
def test_no_battery_action_beats_the_filled_orders(
    fleet: FleetOf, situation: SituationOf, case: Case
) -> None:
    homes = situation(fleet(1, **RATINGS), [case.held], [case.load], [case.pv])
    decided = Decisions(np.zeros(1), _curve(*case.segments))
    orders = quote(homes, decided, TERMS)
    limit, energy = orders.limit_cents_per_kwh, orders.quantity_kwh
    assume(np.abs(limit - case.price).min(initial=1.0) > 1e-6)  # at its limit either is right
    bought = energy[(energy > 0.0) & (limit > case.price)].sum()
    sold = -energy[(energy < 0.0) & (limit < case.price)].sum()
    traded = np.array([bought]), np.array([sold])
    battery = best_batteries(homes, decided, *traded, (TARIFF, EXPORT))
    flow = case.load - case.pv + battery + sold - bought
    cents = case.price * (bought - (1.0 - LOSS) * sold) + np.where(flow > 0, TARIFF, EXPORT) * flow
    assert (cents - _worth(case, battery) <= _searched_cents(case) + 1e-6).all()


@given(case=_cases())
def test_a_home_that_buys_at_a_price_does_not_sell_at_it(
    fleet: FleetOf, situation: SituationOf, case: Case
) -> None:
    homes = situation(fleet(1, **RATINGS), [case.held], [case.load], [case.pv])
    orders = quote(homes, Decisions(np.zeros(1), _curve(*case.segments)), TERMS)
    bids = orders.limit_cents_per_kwh[orders.quantity_kwh > 0.0]
    asks = orders.limit_cents_per_kwh[orders.quantity_kwh < 0.0]
    assert bids.max(initial=-np.inf) <= asks.min(initial=np.inf) + 1e-9


@given(case=_cases())
def test_orders_cover_the_net_load_and_the_reach_of_the_battery(
    fleet: FleetOf, situation: SituationOf, case: Case
) -> None:
    homes = situation(fleet(1, **RATINGS), [case.held], [case.load], [case.pv])
    orders = quote(homes, Decisions(np.zeros(1), _curve(*case.segments)), TERMS)
    net, energy = case.load - case.pv, orders.quantity_kwh
    give, take = min(2.0, case.held * 0.8), min(2.0, (4.0 - case.held) / 0.5)
    # All bids filled: load bought and battery charged; all asks: the battery empties besides.
    assert energy[energy > 0.0].sum() == pytest.approx(max(net + take, net, 0.0), abs=1e-9)
    assert -energy[energy < 0.0].sum() == pytest.approx(max(give - net, -net, 0.0), abs=1e-9)
