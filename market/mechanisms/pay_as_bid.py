"""Discriminatory auction: the dearest bid meets the cheapest ask, each pair at a price of its own.

m is the number of orders. Who trades is the same as in the call auction: the orders before the
crossing of the two curves. What they pay is not: each pair splits the gap between its two limits in
the middle, the discriminatory auction with k = 1/2 [1]_. With k = 1 a buyer pays its bid and with 0
a seller gets its ask; as homes here bid what energy is worth to them, either would hand all that
trade gains to one side. Orders of equal limit stand in an order drawn from the run's seed.

References
----------
.. [1] J. Lin, M. Pipattanasomporn, S. Rahman, "Comparative analysis of auction mechanisms and
   bidding strategies for P2P solar transactive energy markets," Applied Energy 255, 2019.
"""

from dataclasses import replace

import numpy as np
from numba import njit

from market.mechanisms import call_auction
from market.orders import SLIVER_KWH, Orders, Terms, Trades
from market.pairing import lay
from profiles.arrays import Booleans, Floats, Integers


def trade(orders: Orders, terms: Terms, rng: np.random.Generator) -> Trades:
    """Match bids and asks by merit; the contract of every mechanism.

    Parameters
    ----------
    orders : Orders
        The m orders.
    terms : Terms
        Loss and price range of the step.
    rng : numpy.random.Generator
        Draws the order of homes whose limits are equal.

    Returns
    -------
    Trades
        At most as many as there are orders that trade, less one; two homes may have several.
    """
    floor, ceiling = terms.price_floor_cents_per_kwh, terms.price_ceiling_cents_per_kwh
    keeps = 1.0 - terms.loss_fraction
    accepted_kwh = call_auction.clear(orders, terms).accepted_kwh
    limit = np.clip(orders.limit_cents_per_kwh, floor, ceiling)
    drawn = rng.permutation(int(orders.home.max(initial=-1)) + 1)
    delivered_kwh = np.where(accepted_kwh > 0.0, accepted_kwh, -keeps * accepted_kwh)
    buys = accepted_kwh > 0.0
    cost = np.where(buys, -limit, limit)  # the best order of either side costs least
    merit = np.lexsort((delivered_kwh, drawn[orders.home], cost))
    delivered_kwh = delivered_kwh[merit] - _own_kwh(
        orders.home[merit], buys[merit], delivered_kwh[merit], drawn.size
    )
    trades_at_all = delivered_kwh > SLIVER_KWH
    bids, asks = (np.flatnonzero(trades_at_all & side) for side in (buys[merit], ~buys[merit]))
    laid = lay(
        (merit[bids], delivered_kwh[bids]),
        (merit[asks], delivered_kwh[asks]),
        terms.loss_fraction,
        float("nan"),
    )
    return replace(
        laid,
        seller=orders.home[laid.seller],
        buyer=orders.home[laid.buyer],
        price_cents_per_kwh=0.5 * (limit[laid.seller] + limit[laid.buyer]),
    )


@njit(cache=True)
def _own_kwh(home: Integers, buys: Booleans, delivered_kwh: Floats, homes_count: int) -> Floats:
    """Part of each order that a home would trade with itself: its worst on both sides, (m,).

    The orders stand in falling merit. Its own wiring serves a home without loss.
    """
    left_kwh = np.zeros((homes_count, 2))
    for row in range(home.size):
        left_kwh[home[row], int(buys[row])] += delivered_kwh[row]
    for index in range(homes_count):
        left_kwh[index] = left_kwh[index].min()
    own_kwh = np.zeros(home.size)
    for row in range(home.size - 1, -1, -1):
        side = int(buys[row])
        own_kwh[row] = min(delivered_kwh[row], left_kwh[home[row], side])
        left_kwh[home[row], side] -= own_kwh[row]
    return own_kwh
