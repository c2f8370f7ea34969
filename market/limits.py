"""The rules of trade, all applied here and nowhere else.

m is the number of orders, n of homes. Prices are cents per delivered kWh; a buyer's energy is
delivered, a seller's injected [kWh].
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from market.config import MarketConfig
from market.orders import SLIVER_KWH, Orders, Terms
from profiles.arrays import Booleans, Floats, Integers


@dataclass(frozen=True, slots=True)
class Room:
    """What each home may still trade in this step, from its connection and its day."""

    buy_kwh_max: Floats  # (n,) the connection lets this much in, delivered
    sell_kwh_max: Floats  # (n,) and this much out, injected
    sold_today_kwh: Floats  # (n,) injected for sale since local midnight


def apply(orders: Orders, config: MarketConfig, terms: Terms, room: Room) -> Orders:
    """Turn what homes hand in into orders that may be matched.

    Asks out of a battery carry the margin; a buyer's limit leaves room for the fee. Bids above
    the ceiling come down to it and asks below the floor rise to it; bids below the floor and
    asks above the ceiling are dropped. Then each home keeps, on each side, its best orders up
    to its cap, and the marginal one is shortened.

    Parameters
    ----------
    orders : Orders
        The m orders as handed in.
    config : MarketConfig
        Rules of trade.
    terms : Terms
        Price range of the step.
    room : Room
        What each of the n homes may still trade.

    Returns
    -------
    Orders
        At most m orders, sorted by home, side and merit: the same for any order of the input.
    """
    buys = orders.quantity_kwh > 0.0
    limit = _limits_within(orders, buys, config, terms)
    floor, ceiling = terms.price_floor_cents_per_kwh, terms.price_ceiling_cents_per_kwh
    possible = np.where(buys, limit >= floor, limit <= ceiling) & (floor <= ceiling)
    rows = np.flatnonzero(possible)
    buys, limit = buys[rows], limit[rows]
    home, from_battery = orders.home[rows], orders.from_battery[rows]

    place = 2 * home + ~buys  # (m,) one place per home and side
    cost = np.where(buys, -limit, limit)  # the best order of either side costs least
    size_kwh = np.abs(orders.quantity_kwh[rows])
    order, kept_kwh = _keep_best(place, cost, from_battery, size_kwh, _caps(config, room))
    order, kept_kwh = order[kept_kwh > SLIVER_KWH], kept_kwh[kept_kwh > SLIVER_KWH]
    return Orders(
        home=home[order],
        quantity_kwh=np.where(buys[order], kept_kwh, -kept_kwh),
        limit_cents_per_kwh=limit[order],
        from_battery=from_battery[order],
    )


def trade_min_kwh(config: MarketConfig, terms: Terms) -> float:
    """Smallest trade that pays in this step [delivered kWh].

    A trade cannot gain more than ceiling less floor per kWh, so below
    `fixed_cost / (ceiling - floor)` its fixed cost exceeds any gain.
    """
    if config.fixed_cost_cents == 0.0:
        return config.trade_min_kwh
    spread = terms.price_ceiling_cents_per_kwh - terms.price_floor_cents_per_kwh
    if spread <= 0.0:
        return float("inf")
    return max(config.trade_min_kwh, config.fixed_cost_cents / spread)


def _limits_within(
    orders: Orders, buys: Booleans, config: MarketConfig, terms: Terms
) -> Floats:  # (m,)
    limit = orders.limit_cents_per_kwh
    bid = np.minimum(limit - config.fee_cents_per_kwh, terms.price_ceiling_cents_per_kwh)
    margin = np.where(orders.from_battery, 1.0 + config.margin_fraction, 1.0)
    ask = np.maximum(limit * margin, terms.price_floor_cents_per_kwh)
    return np.where(buys, bid, ask)


def _caps(config: MarketConfig, room: Room) -> Floats:  # (2 n,) home 0 buys, home 0 sells, ...
    order_max_kwh = np.inf if config.order_max_kwh is None else config.order_max_kwh
    day_max_kwh = np.inf if config.sold_per_day_max_kwh is None else config.sold_per_day_max_kwh
    caps = np.empty((room.buy_kwh_max.size, 2))
    caps[:, 0] = np.minimum(room.buy_kwh_max, order_max_kwh)
    caps[:, 1] = np.minimum(room.sell_kwh_max, order_max_kwh)
    caps[:, 1] = np.minimum(caps[:, 1], day_max_kwh - room.sold_today_kwh)
    return np.maximum(caps, 0.0).reshape(-1)


@njit(cache=True)
def _keep_best(
    place: Integers, cost: Floats, from_battery: Booleans, size_kwh: Floats, cap_kwh: Floats
) -> tuple[Integers, Floats]:
    """Sort orders by place and merit and cut each place to its cap.

    Returns the sorting permutation (m,) and the energy kept of each order, sorted (m,) [kWh].
    """
    ends = np.zeros(cap_kwh.size + 1, dtype=np.int64)
    for row in range(place.size):
        ends[place[row] + 1] += 1
    for index in range(cap_kwh.size):
        ends[index + 1] += ends[index]
    filled = ends[:-1].copy()
    order = np.empty(place.size, dtype=np.int64)
    for row in range(place.size):
        order[filled[place[row]]] = row
        filled[place[row]] += 1
    kept_kwh = np.empty(place.size)
    for index in range(cap_kwh.size):
        _best_first(order[ends[index] : ends[index + 1]], cost, from_battery, size_kwh)
        left_kwh = cap_kwh[index]
        for rank in range(ends[index], ends[index + 1]):
            kept_kwh[rank] = min(size_kwh[order[rank]], left_kwh)
            left_kwh -= kept_kwh[rank]
    return order, kept_kwh


@njit(cache=True)
def _best_first(order: Integers, cost: Floats, from_battery: Booleans, size_kwh: Floats) -> None:
    """Shell sort in place: a home has a handful of orders, but nothing breaks if it has many."""
    for gap in (57203, 9029, 1750, 701, 301, 132, 57, 23, 10, 4, 1):
        for index in range(gap, order.size):
            row = order[index]
            rank = index
            while rank >= gap:
                other = order[rank - gap]
                if cost[row] != cost[other]:
                    better = cost[row] < cost[other]
                elif from_battery[row] != from_battery[other]:
                    better = from_battery[other]
                else:
                    better = size_kwh[row] < size_kwh[other]
                if not better:
                    break
                order[rank] = other
                rank -= gap
            order[rank] = row
