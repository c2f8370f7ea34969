"""Instant matching at the price that the coordinator posts, largest quantity first.

m is the number of orders, n of homes. Nothing is discovered: at the posted price each home's
demand curve says how much it buys or sells, and the largest buyer meets the largest seller until
one side is served; the last of the longer side is served in part.
"""

import numpy as np

from market import demand
from market.orders import SLIVER_KWH, Orders, Terms, Trades, no_trades
from market.pairing import lay
from profiles.arrays import Floats, Integers


def trade(orders: Orders, terms: Terms, rng: np.random.Generator) -> Trades:
    """Match what homes buy and sell at the posted price; the contract of every mechanism.

    Parameters
    ----------
    orders : Orders
        The m orders; one whose limit is worse than the posted price does not trade.
    terms : Terms
        Posted price, loss and price range of the step. Without a price, or with one out of the
        range, nobody trades.
    rng : numpy.random.Generator
        Draws the order of homes that buy or sell the same energy.

    Returns
    -------
    Trades
        At most as many as there are buyers and sellers, less one.
    """
    price = terms.posted_cents_per_kwh
    if not terms.price_floor_cents_per_kwh <= price <= terms.price_ceiling_cents_per_kwh:
        return no_trades()
    net_kwh = demand.net_kwh(orders, price, terms.loss_fraction)
    drawn = rng.permutation(net_kwh.size)
    buyers, sellers = _largest_first(net_kwh, drawn), _largest_first(-net_kwh, drawn)
    return lay((buyers, net_kwh[buyers]), (sellers, -net_kwh[sellers]), terms.loss_fraction, price)


def _largest_first(energy_kwh: Floats, drawn: Integers) -> Integers:
    """Sort the homes that have any energy; equal ones stand as they were drawn."""
    rows = drawn[energy_kwh[drawn] > SLIVER_KWH]
    return rows[np.argsort(-energy_kwh[rows], kind="stable")]
