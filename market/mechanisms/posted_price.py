"""Instant matching at the price that the coordinator posts, largest quantity first.

m is the number of orders, n of homes. Nothing is discovered: at the posted price each home's
demand curve says how much it buys or sells, and the largest buyer meets the largest seller until
one side is served; the last of the longer side is served in part.
"""

import numpy as np

from market.orders import SLIVER_KWH, Orders, Terms, Trades, no_trades, sum_by_home
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
    net_kwh = _net_kwh(orders, price, terms.loss_fraction)
    drawn = rng.permutation(net_kwh.size)
    buyers, sellers = _largest_first(net_kwh, drawn), _largest_first(-net_kwh, drawn)
    return lay((buyers, net_kwh[buyers]), (sellers, -net_kwh[sellers]), terms.loss_fraction, price)


def _net_kwh(orders: Orders, price: float, loss_fraction: float) -> Floats:
    """Energy that each home buys at a price, less what it sells, delivered, shape (n,) [kWh].

    What a home would sell to itself its own wiring carries.
    """
    homes_count = int(orders.home.max(initial=-1)) + 1
    # Sums of floats depend on their order, so the orders are brought into one of their own.
    row = np.lexsort((orders.quantity_kwh, orders.home))
    home, quantity_kwh = orders.home[row], orders.quantity_kwh[row]
    limit = orders.limit_cents_per_kwh[row]
    buys = np.where(limit >= price, np.maximum(quantity_kwh, 0.0), 0.0)  # (m,)
    sells = np.where(limit <= price, np.maximum(-quantity_kwh, 0.0), 0.0)  # (m,) injected
    offered_kwh = (1.0 - loss_fraction) * sum_by_home(home, sells, homes_count)
    return sum_by_home(home, buys, homes_count) - offered_kwh


def _largest_first(energy_kwh: Floats, drawn: Integers) -> Integers:
    """Sort the homes that have any energy; equal ones stand as they were drawn."""
    rows = drawn[energy_kwh[drawn] > SLIVER_KWH]
    return rows[np.argsort(-energy_kwh[rows], kind="stable")]
