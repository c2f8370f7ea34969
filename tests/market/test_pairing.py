"""Two lines of energy and their overlaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.orders import Trades
from market.pairing import lay, pair


def _paired(bought: list[float], sold: list[float], loss: float = 0.0, seed: int = 0) -> Trades:
    rng = np.random.default_rng(seed)
    return pair(np.array(bought), np.array(sold), loss, 20.0, rng)


def test_one_seller_serves_two_buyers_and_the_loss_is_the_sellers_to_inject() -> None:
    trades = _paired([0.0, 1.5, 0.5], [4.0, 0.0, 0.0], loss=0.5)
    by_buyer = np.argsort(trades.buyer)
    np.testing.assert_array_equal(trades.seller, [0, 0])
    np.testing.assert_array_equal(trades.buyer[by_buyer], [1, 2])
    np.testing.assert_array_equal(trades.delivered_kwh[by_buyer], [1.5, 0.5])
    np.testing.assert_array_equal(trades.injected_kwh[by_buyer], [3.0, 1.0])
    np.testing.assert_array_equal(trades.price_cents_per_kwh, [20.0, 20.0])


def test_the_seed_decides_who_meets_whom_and_nothing_else() -> None:
    bought, sold = [0.0] * 6 + [1.0] * 6, [1.0] * 6 + [0.0] * 6
    first, again, other = (_paired(bought, sold, seed=seed) for seed in (1, 1, 2))
    pairs = [set(zip(t.seller, t.buyer, strict=True)) for t in (first, again, other)]
    assert pairs[0] == pairs[1] != pairs[2]
    np.testing.assert_array_equal(other.bought_kwh(12), bought)


def test_the_lines_follow_the_generators_permutations() -> None:
    rng = np.random.default_rng(3)
    buyers, sellers = rng.permutation([0, 2, 4]), rng.permutation([1, 3, 5])
    trades = _paired([1.0, 0.0] * 3, [0.0, 1.0] * 3, seed=3)
    np.testing.assert_array_equal(trades.buyer, buyers)
    np.testing.assert_array_equal(trades.seller, sellers)


def test_lines_are_laid_in_the_order_given_and_cut_where_the_shorter_ends() -> None:
    buyers = np.array([4, 1]), np.array([1.0, 2.0])
    sellers = np.array([3, 0, 2]), np.array([1.5, 0.75, 5.0])
    trades = lay(buyers, sellers, 0.5, 20.0)
    np.testing.assert_array_equal(trades.buyer, [4, 1, 1, 1])
    np.testing.assert_array_equal(trades.seller, [3, 3, 0, 2])
    np.testing.assert_array_equal(trades.delivered_kwh, [1.0, 0.5, 0.75, 0.75])
    np.testing.assert_array_equal(trades.injected_kwh, [2.0, 1.0, 1.5, 1.5])


@pytest.mark.parametrize(("bought", "sold"), [([], []), ([1.0], [0.0]), ([0.0], [1.0])])
def test_one_side_alone_makes_no_trade(bought: list[float], sold: list[float]) -> None:
    assert _paired(bought, sold).buyer.size == 0


def test_slivers_are_dropped() -> None:
    trades = _paired([0.1 + 0.2, 0.0, 0.0], [0.0, 0.3, 1e-13])
    np.testing.assert_array_equal(trades.seller, [1])
    np.testing.assert_allclose(trades.delivered_kwh, [0.3], rtol=1e-15)


def test_a_home_does_not_trade_with_itself() -> None:
    trades = _paired([1.0, 1.0], [3.0, 1.0], loss=0.5)
    np.testing.assert_array_equal(trades.seller, [0])
    np.testing.assert_array_equal(trades.buyer, [1])
    np.testing.assert_array_equal(trades.delivered_kwh, [0.5])
    np.testing.assert_array_equal(trades.injected_kwh, [1.0])


@given(
    net=st.lists(st.floats(-3.0, 3.0, allow_subnormal=False), min_size=1, max_size=40),
    loss=st.sampled_from([0.0, 0.05, 0.3]),
    seed=st.integers(0, 1_000),
)
def test_every_home_gets_what_it_cleared_from_few_trades(
    net: list[float], loss: float, seed: int
) -> None:
    bought, sold = np.maximum(net, 0.0), np.maximum([-value for value in net], 0.0)
    delivered = (1.0 - loss) * sold
    volume = min(bought.sum(), delivered.sum())
    bought *= volume / max(bought.sum(), 1e-30)
    sold *= volume / max(delivered.sum(), 1e-30)
    trades = pair(bought, sold, loss, 20.0, np.random.default_rng(seed))
    np.testing.assert_allclose(trades.bought_kwh(len(net)), bought, atol=1e-10)
    np.testing.assert_allclose(trades.sold_kwh(len(net)), sold, atol=1e-10)
    np.testing.assert_allclose(trades.delivered_kwh, (1.0 - loss) * trades.injected_kwh, rtol=1e-14)
    assert trades.buyer.size <= max(0, (bought > 0).sum() + (sold > 0).sum() - 1)
    assert (trades.buyer != trades.seller).all()
    assert (trades.delivered_kwh > 0.0).all()
