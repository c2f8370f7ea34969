"""Everybody trades half way between the grid's two prices: the mid-market rate.

m is the number of orders, n of homes. Nothing is discovered: the price is fair by decree [1]_.
There, what the longer side has beyond the shorter goes to the grid, and all homes of that side
receive, or pay, the same mean of both prices. Here that comes about by serving the homes of the
longer side in proportion to what they want: each deals with the grid for the same share. What is
added are limits: a home that would rather keep its energy, or wait for cheaper energy, does.

References
----------
.. [1] C. Long et al., "Peer-to-peer energy trading in a community microgrid," IEEE Power & Energy
   Society General Meeting, 2017; W. Tushar et al., "Peer-to-peer trading in electricity networks:
   an overview," IEEE Transactions on Smart Grid 11(4), 2020.
"""

import numpy as np

from market import demand
from market.orders import Orders, Terms, Trades, no_trades
from market.pairing import pair


def trade(orders: Orders, terms: Terms, rng: np.random.Generator) -> Trades:
    """Match what homes buy and sell at the middle price; the contract of every mechanism.

    Parameters
    ----------
    orders : Orders
        The m orders; one whose limit is worse than the price does not trade.
    terms : Terms
        The grid's prices, loss and price range of the step. The price is the middle of the grid's,
        brought into the range; a range without any price is a step without trade.
    rng : numpy.random.Generator
        Decides who is paired with whom.

    Returns
    -------
    Trades
        At most as many as there are buyers and sellers, less one.
    """
    floor, ceiling = terms.price_floor_cents_per_kwh, terms.price_ceiling_cents_per_kwh
    if not floor <= ceiling:
        return no_trades()
    middle = 0.5 * (terms.tariff_cents_per_kwh + terms.export_cents_per_kwh)
    price = min(max(middle, floor), ceiling)
    net_kwh = demand.net_kwh(orders, price, terms.loss_fraction)
    wanted_kwh, offered_kwh = np.maximum(net_kwh, 0.0), np.maximum(-net_kwh, 0.0)  # delivered
    wanted, offered = float(wanted_kwh.sum()), float(offered_kwh.sum())
    if wanted == 0.0 or offered == 0.0:
        return no_trades()
    bought_kwh = wanted_kwh * min(1.0, offered / wanted)
    sold_kwh = offered_kwh * min(1.0, wanted / offered) / (1.0 - terms.loss_fraction)
    return pair(bought_kwh, sold_kwh, terms.loss_fraction, price, rng)
