"""The coordinator's forward prices, from community sums alone."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import prices, pricing
from agents.fleet import Fleet, FleetState
from agents.planning import CHARGE, DISCHARGE, EXPORT, IMPORT, POWER, RANGE
from agents.prices import Prices
from agents.pricing import SIGNALS, Outlook, Storage
from market.config import MarketConfig
from profiles.arrays import Floats

FleetOf = Callable[..., Fleet]


def _rules(**knobs: float) -> MarketConfig:
    return MarketConfig.model_validate({"margin_fraction": 0.0, **knobs})


RULES = _rules()  # loss 5 %, no fee, no margin, prices from 10 cents


def _grid(*tariff: float, export: float = 5.0) -> Prices:
    return prices.of_grid(np.array(tariff), np.full(len(tariff), export))


def _storage(held_kwh: float, **ratings: float) -> Storage:
    """Two batteries of 4 kWh, 1 kWh AC per step, 0.9 in and 0.8 out, unless given."""
    limits = np.zeros((1, 6))
    limits[0, [RANGE, POWER, CHARGE, DISCHARGE, IMPORT, EXPORT]] = [
        ratings.get("range_kwh", 4.0), 1.0, 0.9, 0.8, 10.0, 4.0,
    ]  # fmt: skip
    return Storage(2, limits, np.array([held_kwh]))


def _heard(
    net_kwh: Floats, storage: Storage, grid: Prices, rules: MarketConfig, trust_fraction: float = 1
) -> Prices:
    """Reckon with the signal that the coordinator publishes; prices as one row, (H,)."""
    outlook = Outlook(
        load_kwh=np.maximum(net_kwh, 0.0),
        pv_kwh=np.maximum(-net_kwh, 0.0),
        minute=np.zeros(net_kwh.size, np.int64),
        storage=storage,
        grid=grid,
    )
    price = pricing.marginal(outlook, rules)
    heard = pricing.reckoned(price[None], grid, rules, trust_fraction)
    assert heard.buy_cents_per_kwh.shape == heard.sell_cents_per_kwh.shape == (1, net_kwh.size)
    buy, sell = heard.buy_cents_per_kwh[0], heard.sell_cents_per_kwh[0]
    return replace(heard, buy_cents_per_kwh=buy, sell_cents_per_kwh=sell)


NO_STORAGE = Storage(0, np.zeros((1, 6)), np.zeros(1))


def test_the_average_battery_is_the_sum_divided_by_the_number(fleet: FleetOf) -> None:
    homes = fleet(2, charge_efficiency_fraction=0.9, discharge_efficiency_fraction=0.8)
    state = FleetState(homes.stored_kwh_min + np.array([1.0, 4.0]), np.zeros(2))
    storage = pricing.storage_of(homes, state)
    assert storage.batteries_count == 2
    assert storage.held_kwh == pytest.approx([2.5])
    assert storage.limits == pytest.approx(np.array([[9.45, 2.5, 0.9, 0.8, 10.0, 4.0]]))


def test_homes_without_a_battery_lend_their_connection_to_those_with_one(fleet: FleetOf) -> None:
    with_one, without = fleet(1), fleet(3, kind="none")
    joined = {
        name: np.concatenate([getattr(with_one, name), getattr(without, name)])
        for name in Fleet.__slots__
    }
    homes = Fleet(**joined)
    state = FleetState(homes.stored_kwh_min + np.array([2.0, 0.0, 0.0, 0.0]), np.zeros(4))
    storage = pricing.storage_of(homes, state)
    assert storage.batteries_count == 1
    assert storage.held_kwh == pytest.approx([2.0])
    assert storage.limits[0, [RANGE, POWER]] == pytest.approx([9.45, 2.5])
    assert storage.limits[0, [IMPORT, EXPORT]] == pytest.approx([40.0, 16.0])


def test_without_batteries_there_is_nothing_to_divide_by(fleet: FleetOf) -> None:
    homes = fleet(3, kind="none")
    storage = pricing.storage_of(homes, FleetState(np.zeros(3), np.zeros(3)))
    assert storage.batteries_count == 0
    assert storage.held_kwh.tolist() == [0.0]
    assert storage.limits[0, RANGE] == 0.0


def test_without_batteries_the_sign_of_the_net_forecast_is_the_price() -> None:
    # Importing, exporting, balanced: the tariff, the floor, the floor.
    signal = _heard(np.array([3.0, -2.0, 0.0]), NO_STORAGE, _grid(35.0, 35.0, 51.0), RULES)
    assert signal.buy_cents_per_kwh.tolist() == [35.0, 10.0, 10.0]
    assert signal.sell_cents_per_kwh == pytest.approx([0.95 * 35.0, 9.5, 9.5])


def test_an_importing_community_pays_the_tariff() -> None:
    # Empty, and it stays so: there is nothing cheaper to come.
    signal = _heard(np.array([4.0, 4.0]), _storage(0.0), _grid(35.0, 35.0), RULES)
    assert signal.buy_cents_per_kwh.tolist() == [35.0, 35.0]


def test_an_exporting_community_is_worth_the_lowest_price_of_a_trade() -> None:
    # Full: all of the sun is exported at 5, and no trade is cheaper than 10.
    signal = _heard(np.array([-6.0, -6.0]), _storage(4.0), _grid(35.0, 35.0), RULES)
    assert signal.buy_cents_per_kwh.tolist() == [10.0, 10.0]
    assert signal.sell_cents_per_kwh == pytest.approx([9.5, 9.5])


def test_exporting_sets_the_floor_where_it_pays_more() -> None:
    grid = _grid(35.0, 35.0, export=19.0)
    signal = _heard(np.array([-6.0, -6.0]), _storage(4.0), grid, RULES)
    # A seller who gets 0.95 of the price wants 20 cents, or exports at 19.
    assert signal.buy_cents_per_kwh == pytest.approx([20.0, 20.0])
    assert signal.sell_cents_per_kwh == pytest.approx([19.0, 19.0])


def test_a_community_that_charges_its_surplus_prices_it_at_what_it_is_worth_later() -> None:
    # Each battery takes the surplus of 0.5 and serves the 3 kWh at 51 as far as it can; a kWh
    # more would be stored as 0.9 and give 0.8 of that at 51 cents: 36.72, above the 35 of now.
    signal = _heard(np.array([-1.0, 6.0]), _storage(0.0), _grid(40.0, 51.0), RULES)
    assert signal.buy_cents_per_kwh == pytest.approx([0.9 * 0.8 * 51.0, 51.0])


def test_a_community_that_lives_on_its_batteries_prices_what_they_give_up() -> None:
    # Holding enough for both steps, a kWh less now leaves 1 / 0.8 kWh less at the end, where
    # each is worth 0.8 of the lowest tariff.
    signal = _heard(np.array([1.0, 1.0]), _storage(4.0), _grid(40.0, 28.0), RULES)
    assert signal.buy_cents_per_kwh == pytest.approx([28.0, 28.0])
    # What does not last for one of them serves the dearer one, and the rest is imported.
    signal = _heard(np.array([1.0, 1.0]), _storage(0.5), _grid(40.0, 51.0), RULES)
    assert signal.buy_cents_per_kwh == pytest.approx([40.0, 51.0])


def test_a_buyer_pays_the_fee_and_never_more_than_the_tariff() -> None:
    rules = _rules(fee_cents_per_kwh=3.0)
    signal = _heard(np.array([3.0, -2.0]), NO_STORAGE, _grid(35.0, 35.0), rules)
    assert signal.buy_cents_per_kwh.tolist() == [35.0, 13.0]


def test_a_seller_receives_what_the_loss_leaves_of_what_a_buyer_may_pay() -> None:
    # A buyer who pays 3 cents to the operator pays a seller 32, or the grid is cheaper.
    rules = _rules(fee_cents_per_kwh=3.0)
    signal = _heard(np.array([3.0]), NO_STORAGE, _grid(35.0), rules)
    assert signal.sell_cents_per_kwh == pytest.approx([0.95 * 32.0])
    rules = _rules(price_max_cents_per_kwh=20.0)
    signal = _heard(np.array([3.0]), NO_STORAGE, _grid(35.0), rules)
    assert signal.sell_cents_per_kwh == pytest.approx([0.95 * 20.0])
    assert signal.buy_cents_per_kwh == pytest.approx([35.0])


@pytest.mark.parametrize("tariff", [-4.0, 4.0, 9.0])
def test_where_the_rules_leave_no_price_homes_deal_with_the_grid(tariff: float) -> None:
    signal = _heard(np.array([3.0, -3.0]), NO_STORAGE, _grid(tariff, tariff), RULES)
    assert signal.buy_cents_per_kwh.tolist() == [tariff, tariff]
    assert signal.sell_cents_per_kwh.tolist() == [5.0, 5.0]


def test_exporting_that_pays_more_than_any_trade_may_leaves_no_price() -> None:
    # A seller wants 30 / 0.95, above the 20 that a trade may cost: who needs energy imports.
    rules = _rules(price_max_cents_per_kwh=20.0)
    grid = _grid(51.0, 51.0, export=30.0)
    signal = _heard(np.array([3.0, -3.0]), NO_STORAGE, grid, rules)
    assert signal.buy_cents_per_kwh.tolist() == [51.0, 51.0]
    assert signal.sell_cents_per_kwh.tolist() == [30.0, 30.0]


@given(
    net=st.lists(st.floats(-30.0, 30.0), min_size=1, max_size=12),
    held=st.floats(0.0, 4.0),
    tariff=st.floats(-10.0, 60.0),
    export=st.floats(-10.0, 60.0),
    fee=st.floats(0.0, 20.0),
)
def test_no_home_reckons_with_less_than_the_grid_offers(
    net: list[float], held: float, tariff: float, export: float, fee: float
) -> None:
    grid = _grid(*[tariff] * len(net), export=export)
    rules = _rules(fee_cents_per_kwh=fee)
    signal = _heard(np.array(net), _storage(held), grid, rules)
    assert (signal.buy_cents_per_kwh <= tariff).all()
    assert (signal.sell_cents_per_kwh >= export).all()
    assert np.isfinite([signal.buy_cents_per_kwh, signal.sell_cents_per_kwh]).all()
    assert signal.tariff_cents_per_kwh.tolist() == [tariff] * len(net)
    assert signal.export_cents_per_kwh.tolist() == [export] * len(net)
    if export <= tariff:  # nobody gains by buying and selling at once
        assert (signal.sell_cents_per_kwh <= signal.buy_cents_per_kwh + 1e-9).all()


@given(copies=st.integers(1, 50), held=st.floats(0.0, 4.0), seed=st.integers(0, 99))
def test_a_larger_community_of_the_same_kind_has_the_same_prices(
    copies: int, held: float, seed: int
) -> None:
    net = np.random.default_rng(seed).normal(0.0, 3.0, 8)
    one = _storage(held)
    many = Storage(2 * copies, one.limits, one.held_kwh)
    grid = _grid(28.0, 28.0, 35.0, 35.0, 51.0, 51.0, 35.0, 28.0)
    few, lots = (
        _heard(count * net, storage, grid, RULES) for count, storage in ((1, one), (copies, many))
    )
    assert lots.buy_cents_per_kwh == pytest.approx(few.buy_cents_per_kwh)
    assert lots.sell_cents_per_kwh == pytest.approx(few.sell_cents_per_kwh)


def test_the_margin_comes_off_what_a_seller_receives() -> None:
    signal = _heard(np.array([3.0]), NO_STORAGE, _grid(35.0), _rules(margin_fraction=0.25))
    assert signal.sell_cents_per_kwh == pytest.approx([0.95 * 35.0 / 1.25])
    assert signal.buy_cents_per_kwh == pytest.approx([35.0])


def test_a_home_that_half_trusts_the_signal_stands_half_way_to_the_grid() -> None:
    # The signal is the floor of 10, the grid asks 35 and pays 5; 9.5 is left of 10. Who sells
    # believes the signal, or nothing.
    known = np.array([-2.0]), NO_STORAGE, _grid(35.0), RULES
    half, none = _heard(*known, 0.5), _heard(*known, 0.0)
    assert half.buy_cents_per_kwh == pytest.approx([22.5])
    assert half.sell_cents_per_kwh == pytest.approx([9.5])
    assert (none.buy_cents_per_kwh[0], none.sell_cents_per_kwh[0]) == (35.0, 5.0)


def _by_rule(
    load_kwh: list[float], pv_kwh: list[float], hours: list[float], rules: MarketConfig = RULES
) -> list[float]:
    """Ask for the price by supply and demand, at hours of the local clock."""
    outlook = Outlook(
        load_kwh=np.array(load_kwh),
        pv_kwh=np.array(pv_kwh),
        minute=np.array([round(60 * hour) for hour in hours]),
        storage=NO_STORAGE,
        grid=_grid(*[35.0] * len(hours)),
    )
    found: list[float] = pricing.supply_demand(outlook, rules).tolist()
    return found


def test_every_signal_that_can_be_typed_is_in_the_table() -> None:
    choices = MarketConfig.model_json_schema()["properties"]["price_signal"]["enum"]
    assert sorted(SIGNALS) == sorted(choices)


def test_the_hour_makes_the_price_where_supply_meets_demand() -> None:
    hours = [0.0, 5.5, 6.0, 15.5, 16.0, 19.5, 20.0, 23.5]
    balanced = _by_rule([4.0] * 8, [4.0] * 8, hours)
    assert balanced == pytest.approx([28.0, 28.0, 35.0, 35.0, 49.0, 49.0, 35.0, 35.0])


def test_a_shortage_raises_the_price_and_a_surplus_lowers_it() -> None:
    # (demand - supply) / demand: 1, 0.5, -0.5, -1; at noon, at the peak, by night, at noon.
    found = _by_rule([2.0, 2.0, 2.0, 2.0], [0.0, 1.0, 3.0, 4.0], [12.0, 17.0, 3.0, 12.0])
    by_hand = [35.0 * 1.5, 35.0 * 1.4 * 1.25, 35.0 * 0.8 * 0.85, 35.0 * 0.7]
    assert found == pytest.approx(by_hand)


def test_a_small_imbalance_either_way_moves_nothing() -> None:
    # A fifth is not beyond a fifth; a little more is.
    assert _by_rule([5.0] * 2, [4.0, 6.0], [12.0] * 2) == [35.0, 35.0]
    more = _by_rule([5.0] * 2, [3.95, 6.05], [12.0] * 2)
    assert more == pytest.approx([35.0 * (1 + 0.5 * 0.21), 35.0 * (1 - 0.3 * 0.21)])


def test_without_demand_there_is_no_imbalance() -> None:
    assert _by_rule([0.0, 0.0], [0.0, 9.0], [12.0, 12.0]) == [35.0, 35.0]


def test_the_price_is_kept_between_the_lowest_and_the_highest_of_a_trade() -> None:
    flooded = [1.0], [40.0], [12.0]  # 35 x (1 - 0.3 x 39) is far below 0
    assert _by_rule(*flooded) == [10.0]
    assert _by_rule(*flooded, _rules(price_min_cents_per_kwh=12.0)) == [12.0]
    dark = [9.0], [0.0], [17.0]  # 73.5
    assert _by_rule(*dark, _rules(price_max_cents_per_kwh=60.0)) == [60.0]
    assert _by_rule(*dark, _knobs(base_cents_per_kwh=70.0)) == [100.0]


def _knobs(**knobs: object) -> MarketConfig:
    return MarketConfig.model_validate({"supply_demand": knobs})


@pytest.mark.parametrize(
    ("knobs", "price"),
    [
        ({}, 35.0 * 1.4 * 1.25),
        ({"base_cents_per_kwh": 20.0}, 20.0 * 1.4 * 1.25),
        ({"peak_factor": 1.2}, 35.0 * 1.2 * 1.25),
        ({"peak_hours": [12, 17]}, 35.0 * 1.25),
        ({"peak_hours": [18, 20], "night_hours": [17, 18]}, 35.0 * 0.8 * 1.25),
        ({"peak_hours": [18, 20], "night_hours": [17, 18], "night_factor": 0.5}, 17.5 * 1.25),
        ({"night_hours": [0, 24]}, 35.0 * 1.4 * 1.25),  # the peak goes before
        ({"imbalance_min_fraction": 0.5}, 35.0 * 1.4),
        ({"shortage_slope": 1.0}, 35.0 * 1.4 * 1.5),
        ({"surplus_slope": 1.0}, 35.0 * 1.4 * 1.25),
    ],
)
def test_every_figure_of_the_rule_can_be_set(knobs: dict[str, object], price: float) -> None:
    assert _by_rule([2.0], [1.0], [17.0], _knobs(**knobs)) == pytest.approx([price])
