"""The table of mechanisms and the laws that each of them keeps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market import limits
from market.config import MarketConfig
from market.matching import BY_FEEDER, MECHANISMS, match
from market.orders import Orders, Terms, Trades, terms
from market.settlement import settle
from profiles.errors import InputError

_CONFIG = MarketConfig()
_STEP = terms(_CONFIG, 35.0, 5.0)
_HOMES_COUNT = 12


def _step(seed: int, name: str = "") -> Terms:
    """Post another price for every seed, 10 to 35 cents; feeders are for those that ask."""
    feeder = np.arange(_HOMES_COUNT) // 4 if name in BY_FEEDER else None
    return terms(_CONFIG, 35.0, 5.0, 10.0 + seed % 26, feeder)


def _orders(seed: int, orders_count: int = 60) -> Orders:
    rng = np.random.default_rng(seed)
    return Orders(
        rng.integers(0, _HOMES_COUNT, orders_count),
        np.round(rng.normal(0.0, 0.8, orders_count), 2),
        np.round(rng.uniform(0.0, 45.0, orders_count)),
        rng.random(orders_count) < 0.3,
    )


def _allowed(orders: Orders) -> Orders:
    room = limits.Room(
        np.full(_HOMES_COUNT, 5.0), np.full(_HOMES_COUNT, 2.0), np.full(_HOMES_COUNT, 9.0)
    )
    return limits.apply(orders, _CONFIG, _STEP, room)


def test_every_configurable_mechanism_is_in_the_table() -> None:
    choices = MarketConfig.model_json_schema()["properties"]["mechanism"]["enum"]
    assert sorted(MECHANISMS) == sorted(choices)


def test_without_a_mechanism_nobody_trades() -> None:
    assert match("none", _orders(1), _STEP, np.random.default_rng(0)).buyer.size == 0


def test_an_unknown_mechanism_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"market\.mechanism: .*call_auction.*got 'lottery'"):
        match("lottery", _orders(1), _STEP, np.random.default_rng(0))


def test_small_trades_are_dropped_after_pairing() -> None:
    allowed = _allowed(_orders(3))
    everything = match("call_auction", allowed, _STEP, np.random.default_rng(0))
    large = match("call_auction", allowed, _STEP, np.random.default_rng(0), trade_min_kwh=0.5)
    assert 0 < large.buyer.size < everything.buyer.size
    np.testing.assert_array_equal(
        large.delivered_kwh, everything.delivered_kwh[everything.delivered_kwh >= 0.5]
    )
    np.testing.assert_allclose(large.delivered_kwh, 0.95 * large.injected_kwh, rtol=1e-14)


@pytest.mark.parametrize("name", sorted(MECHANISMS))
@settings(deadline=None)
@given(seed=st.integers(0, 10_000))
def test_energy_and_money_balance_within_the_rules(name: str, seed: int) -> None:
    allowed = _allowed(_orders(seed))
    trades = match(name, allowed, _step(seed, name), np.random.default_rng(seed))
    arriving = _step(seed, name).arriving_fraction(trades.seller, trades.buyer)
    np.testing.assert_allclose(trades.delivered_kwh, arriving * trades.injected_kwh, rtol=1e-14)
    bought, sold = trades.bought_kwh(_HOMES_COUNT), trades.sold_kwh(_HOMES_COUNT)
    assert (bought <= 2.0 + 1e-9).all()
    assert (sold <= 1.0 + 1e-9).all()  # 10 kWh a day less the 9 sold already
    nothing = np.zeros(_HOMES_COUNT)
    bills = settle(trades, nothing, nothing, (35.0, 5.0), 0.0)
    assert bills.p2p_paid_microcents.sum() == bills.p2p_received_microcents.sum()


@pytest.mark.parametrize("name", sorted(MECHANISMS))
@settings(deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_home_trades_at_a_price_worse_than_its_orders_allow(name: str, seed: int) -> None:
    allowed = _allowed(_orders(seed))
    trades = match(name, allowed, _step(seed, name), np.random.default_rng(seed))
    price = trades.price_cents_per_kwh
    assert ((price >= 10.0) & (price <= 35.0)).all()
    # What a seller gets per injected kWh, in terms of its limit, which holds for the usual loss.
    earned = price * trades.delivered_kwh / trades.injected_kwh / 0.95
    for row in range(trades.buyer.size):
        as_dear = (trades.buyer == trades.buyer[row]) & (price >= price[row])
        as_cheap = (trades.seller == trades.seller[row]) & (earned <= earned[row])
        willing = (allowed.quantity_kwh > 0.0) & (allowed.limit_cents_per_kwh >= price[row])
        offered = allowed.limit_cents_per_kwh <= earned[row] + 1e-9
        offered &= allowed.quantity_kwh < 0.0
        wanted = allowed.quantity_kwh[willing & (allowed.home == trades.buyer[row])].sum()
        at_hand = -allowed.quantity_kwh[offered & (allowed.home == trades.seller[row])].sum()
        assert trades.delivered_kwh[as_dear].sum() <= wanted + 1e-9
        assert trades.injected_kwh[as_cheap].sum() <= at_hand + 1e-9


@pytest.mark.parametrize("name", sorted(MECHANISMS))
@settings(deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_the_input_does_not_matter(name: str, seed: int) -> None:
    orders = _orders(seed)
    places = np.random.default_rng(seed + 1).permutation(orders.home.size)
    shuffled = Orders(
        orders.home[places],
        orders.quantity_kwh[places],
        orders.limit_cents_per_kwh[places],
        orders.from_battery[places],
    )
    one, two = (
        match(name, _allowed(given_orders), _step(seed, name), np.random.default_rng(seed))
        for given_orders in (orders, shuffled)
    )
    for column in Trades.__slots__:
        assert getattr(one, column).tobytes() == getattr(two, column).tobytes(), column


@pytest.mark.parametrize("name", sorted(set(MECHANISMS) - {"none"}))
def test_the_seed_decides_who_meets_whom_and_the_same_seed_the_same(name: str) -> None:
    allowed = _allowed(_orders(5, 200))
    first, again, other = (
        match(name, allowed, _step(9, name), np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    for column in Trades.__slots__:
        assert getattr(first, column).tobytes() == getattr(again, column).tobytes(), column
    assert first.buyer.size > 1
    # Where no two are equally large, the posted price leaves nothing to draw.
    pairs = [list(zip(each.seller, each.buyer, strict=True)) for each in (first, other)]
    assert (pairs[0] == pairs[1]) == (name == "posted_price")


def _curve(orders: Orders, *, buys: bool, home: int | None = None) -> list[tuple[float, float]]:
    """Limits and delivered energies of one side, the best for the community first."""
    mine = (orders.quantity_kwh > 0.0) == buys
    mine &= True if home is None else orders.home == home
    delivered = np.abs(orders.quantity_kwh[mine]) * (1.0 if buys else 0.95)
    limits_and_kwh = zip(orders.limit_cents_per_kwh[mine].tolist(), delivered.tolist(), strict=True)
    return sorted(limits_and_kwh, reverse=buys)


def _worth(curve: list[tuple[float, float]], kwh: float) -> float:
    """Worth of the first kWh of a curve [cents]."""
    total = 0.0
    for limit, most in curve:
        total += limit * min(most, kwh)
        kwh -= min(most, kwh)
    return total


def _gain(trades: Trades, orders: Orders) -> float:
    """Add up what traded energy is worth to buyers, less what it is worth to sellers [cents]."""
    bought, sold = trades.bought_kwh(_HOMES_COUNT), trades.sold_kwh(_HOMES_COUNT)
    return sum(
        _worth(_curve(orders, buys=True, home=home), bought[home])
        - _worth(_curve(orders, buys=False, home=home), 0.95 * sold[home])
        for home in range(_HOMES_COUNT)
    )


def _best_gain(orders: Orders) -> float:
    """Let the dearest bid meet the cheapest ask as long as both gain [cents]."""
    bids, asks = _curve(orders, buys=True), _curve(orders, buys=False)
    best = 0.0
    while bids and asks and bids[0][0] > asks[0][0]:
        (bid, wanted), (ask, offered) = bids.pop(0), asks.pop(0)
        kwh = min(wanted, offered)
        best += (bid - ask) * kwh
        if wanted > kwh:
            bids.insert(0, (bid, wanted - kwh))
        if offered > kwh:
            asks.insert(0, (ask, offered - kwh))
    return best


@pytest.mark.parametrize("name", sorted(MECHANISMS))
@settings(deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_mechanism_brings_more_than_is_possible_or_less_than_nothing(
    name: str, seed: int
) -> None:
    allowed = _allowed(_orders(seed))
    trades = match(name, allowed, _step(seed, name), np.random.default_rng(seed))
    assert -1e-6 <= _gain(trades, allowed) <= _best_gain(allowed) + 1e-6


def test_the_auctions_bring_what_is_possible_and_the_others_less() -> None:
    gains = dict.fromkeys(MECHANISMS, 0.0)
    best = 0.0
    for seed in range(30):
        orders = _orders(seed)
        # One order per home, so that nobody could trade with itself.
        first = np.unique(orders.home, return_index=True)[1]
        allowed = _allowed(Orders(*(getattr(orders, part)[first] for part in Orders.__slots__)))
        best += _best_gain(allowed)
        for name in MECHANISMS:
            trades = match(name, allowed, _step(seed, name), np.random.default_rng(seed))
            gains[name] += _gain(trades, allowed)
    assert gains["call_auction"] == pytest.approx(best)
    assert gains["pay_as_bid"] == pytest.approx(best)  # the same trades at other prices
    assert gains["none"] == 0.0 < gains["posted_price"] < 0.9 * best
    assert 0.0 < gains["mid_market"] < 0.95 * best
    assert 0.5 * best < gains["regional"] < best
