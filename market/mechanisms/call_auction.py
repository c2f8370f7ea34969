"""Uniform-price call auction on whole demand curves.

m is the number of orders. Both sides are laid out in falling merit and counted in delivered
energy: a seller's injected q kWh delivers `(1 - loss) * q`. The market clears where the curves
cross, at the largest volume.
"""

from dataclasses import dataclass

import numpy as np

from market.orders import SLIVER_KWH, Orders, Terms, Trades, no_trades, sum_by_home
from market.pairing import pair
from profiles.arrays import Floats, Integers


@dataclass(frozen=True, slots=True)
class Clearing:
    """Outcome of one auction, order by order."""

    price_cents_per_kwh: float  # of every trade; nan if nothing clears
    accepted_kwh: Floats  # (m,) signed and counted like the orders' quantities


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of the book in falling merit; the sort leaves no trace of the input's order."""

    row: Integers  # (s,) place in the orders
    cost: Floats  # (s,) rising: the limit of an ask, minus the limit of a bid
    delivered_kwh: Floats  # (s,) above 0
    ends_kwh: Floats  # (s,) cumulative sum of the above


@dataclass(frozen=True, slots=True)
class _Fill:
    """How one side is served: whole up to `start`, in part from there to `stop`."""

    start: int
    stop: int
    better_kwh: float  # sum before start
    level_kwh: float  # sum from start to stop


def trade(orders: Orders, terms: Terms, rng: np.random.Generator) -> Trades:
    """Clear the orders and pair the homes; the contract of every mechanism."""
    bids, asks = _sides(orders, terms)
    price, bought_kwh, delivered_kwh = _cross(bids, asks, terms)
    if not bought_kwh.size:
        return no_trades()
    homes_count = int(orders.home.max()) + 1
    buyer = orders.home[bids.row[: bought_kwh.size]]
    seller = orders.home[asks.row[: delivered_kwh.size]]
    injected_kwh = delivered_kwh / (1.0 - terms.loss_fraction)
    bought_kwh = sum_by_home(buyer, bought_kwh, homes_count)
    sold_kwh = sum_by_home(seller, injected_kwh, homes_count)
    return pair(bought_kwh, sold_kwh, terms.loss_fraction, price, rng)


def clear(orders: Orders, terms: Terms) -> Clearing:
    """Find the price at which most energy changes hands, and who takes part.

    Orders strictly better than the price are filled wholly; those at the marginal limit of the
    longer side share what is left in proportion to their size. The price is the middle of the
    interval of prices that clear. A bid above the ceiling counts as one at the ceiling, an ask
    below the floor as one at the floor; bids below the floor and asks above the ceiling have no
    price at which they could trade.

    Parameters
    ----------
    orders : Orders
        The m orders.
    terms : Terms
        Loss and price range of the step.

    Returns
    -------
    Clearing
        Bought equals `(1 - loss)` times sold.
    """
    bids, asks = _sides(orders, terms)
    price, bought_kwh, delivered_kwh = _cross(bids, asks, terms)
    accepted_kwh = np.zeros(orders.home.size)
    accepted_kwh[bids.row[: bought_kwh.size]] = bought_kwh
    # A wholly accepted ask is its quantity, to the last bit.
    rows = asks.row[: delivered_kwh.size]
    fill_fraction = delivered_kwh / asks.delivered_kwh[: delivered_kwh.size]
    accepted_kwh[rows] = orders.quantity_kwh[rows] * fill_fraction
    return Clearing(price, accepted_kwh)


def _sides(orders: Orders, terms: Terms) -> tuple[_Side, _Side]:
    floor, ceiling = terms.price_floor_cents_per_kwh, terms.price_ceiling_cents_per_kwh
    quantity, limit = orders.quantity_kwh, orders.limit_cents_per_kwh
    bid = np.flatnonzero((quantity > SLIVER_KWH) & (limit >= floor))
    ask = np.flatnonzero((quantity < -SLIVER_KWH) & (limit <= ceiling))
    injected_kwh = -quantity[ask]
    bids = _side(bid, -np.minimum(limit[bid], ceiling), quantity[bid])
    asks = _side(ask, np.maximum(limit[ask], floor), (1.0 - terms.loss_fraction) * injected_kwh)
    return bids, asks


def _side(row: Integers, cost: Floats, delivered_kwh: Floats) -> _Side:
    merit = np.lexsort((delivered_kwh, cost))
    delivered_kwh = delivered_kwh[merit]
    return _Side(row[merit], cost[merit], delivered_kwh, np.cumsum(delivered_kwh))


def _cross(bids: _Side, asks: _Side, terms: Terms) -> tuple[float, Floats, Floats]:
    """Price, and what is delivered to the first bids and by the first asks."""
    # The volume at a price is the smaller side. It is largest at the limit of some bid, as
    # demand falls only there while supply still grows in between.
    supplied_kwh = np.concatenate([[0.0], asks.ends_kwh])
    supplied_kwh = supplied_kwh[np.searchsorted(asks.cost, -bids.cost, side="right")]
    volume_kwh = float(np.minimum(bids.ends_kwh, supplied_kwh).max(initial=0.0))
    if volume_kwh <= SLIVER_KWH:
        return float("nan"), np.zeros(0), np.zeros(0)

    # Sums that differ by rounding alone are equal, or a price would hang on the last bit.
    rounding_kwh = SLIVER_KWH * max(1.0, volume_kwh)
    served_kwh, beyond_kwh = volume_kwh - rounding_kwh, volume_kwh + rounding_kwh
    lower = max(_last_cost(asks, served_kwh), -_next_cost(bids, beyond_kwh))
    upper = min(-_last_cost(bids, served_kwh), _next_cost(asks, beyond_kwh))
    price = 0.5 * (lower + upper)
    price = min(max(price, terms.price_floor_cents_per_kwh), terms.price_ceiling_cents_per_kwh)
    bid_fill, ask_fill = _fill(bids, served_kwh), _fill(asks, served_kwh)
    volume_kwh = min(
        volume_kwh,
        bid_fill.better_kwh + bid_fill.level_kwh,
        ask_fill.better_kwh + ask_fill.level_kwh,
    )
    return price, _served(bids, bid_fill, volume_kwh), _served(asks, ask_fill, volume_kwh)


def _last_cost(side: _Side, served_kwh: float) -> float:
    """Cost of the last order that takes part."""
    return float(side.cost[np.searchsorted(side.ends_kwh, served_kwh)])


def _next_cost(side: _Side, beyond_kwh: float) -> float:
    """Cost of the first order that is not filled wholly."""
    index = int(np.searchsorted(side.ends_kwh, beyond_kwh, side="right"))
    return float(side.cost[index]) if index < side.cost.size else float("inf")


def _fill(side: _Side, served_kwh: float) -> _Fill:
    marginal = _last_cost(side, served_kwh)
    start = int(np.searchsorted(side.cost, marginal, side="left"))
    stop = int(np.searchsorted(side.cost, marginal, side="right"))
    # Pairwise sums, not the cumulative ones: balance must hold to the last digits.
    return _Fill(
        start,
        stop,
        float(side.delivered_kwh[:start].sum()),
        float(side.delivered_kwh[start:stop].sum()),
    )


def _served(side: _Side, fill: _Fill, volume_kwh: float) -> Floats:
    delivered_kwh = side.delivered_kwh[: fill.stop].copy()
    if volume_kwh < fill.better_kwh + fill.level_kwh:
        delivered_kwh[fill.start :] *= max(volume_kwh - fill.better_kwh, 0.0) / fill.level_kwh
    return delivered_kwh
