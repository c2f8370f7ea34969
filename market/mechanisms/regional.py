"""Two rounds of call auctions: one inside every feeder, then one between the feeders.

m is the number of orders, n of homes. Energy that stays in its feeder passes no transformer, so
neighbours are served first, at their feeder's own price; what is left unmatched goes into a second
auction over all feeders, on whose way more is lost. A seller asks there for as much per injected
kWh as inside, which is more per delivered kWh. No two homes of one feeder meet in the second round,
because the first left them nothing to agree on. A home that has sold inside its feeder buys nothing
from outside in the same step, and the other way around.
"""

from dataclasses import replace

import numpy as np

from market.mechanisms import call_auction
from market.orders import Orders, Terms, Trades, joined, no_trades, sum_by_home
from market.pairing import pair
from profiles.arrays import Floats, Integers

_ROUNDING = 1e-9  # share of an order: less than this left of it is no order


def trade(orders: Orders, terms: Terms, rng: np.random.Generator) -> Trades:
    """Clear the feeders one by one, then what they leave; the contract of every mechanism.

    Parameters
    ----------
    orders : Orders
        The m orders.
    terms : Terms
        Both losses, the feeder of each of the n homes, and the price range of the step. Without
        feeders all homes hang on one.
    rng : numpy.random.Generator
        Decides who is paired with whom, feeder by feeder.

    Returns
    -------
    Trades
        Those inside the feeders, feeder by feeder, then those between them.
    """
    if not orders.home.size:
        return no_trades()
    feeder = np.zeros_like(orders.home) if terms.feeder is None else terms.feeder[orders.home]
    by_feeder = np.argsort(feeder, kind="stable")
    orders, feeder = _rows(orders, by_feeder), feeder[by_feeder]
    accepted_kwh = np.empty(orders.home.size)
    parts = []
    for own in np.split(np.arange(feeder.size), np.flatnonzero(np.diff(feeder)) + 1):
        found, accepted_kwh[own] = _inside(_rows(orders, own), terms, rng)
        parts.append(found)
    rest, dearer = _between(orders, accepted_kwh, terms)
    return joined([*parts, call_auction.trade(rest, dearer, rng)])


def _rows(orders: Orders, row: Integers) -> Orders:
    return Orders(*(getattr(orders, name)[row] for name in Orders.__slots__))


def _inside(orders: Orders, terms: Terms, rng: np.random.Generator) -> tuple[Trades, Floats]:
    """Clear one feeder; return its trades and what is accepted of its orders."""
    clearing = call_auction.clear(orders, terms)
    # Sums of floats depend on their order, so what is accepted is brought into one of its own.
    row = np.flatnonzero(clearing.accepted_kwh)
    row = row[np.lexsort((clearing.accepted_kwh[row], orders.home[row]))]
    accepted_kwh, begins = clearing.accepted_kwh[row], np.diff(orders.home[row], prepend=-1) > 0
    home, place = orders.home[row][begins], np.cumsum(begins) - 1
    bought_kwh = sum_by_home(place, np.maximum(accepted_kwh, 0.0), home.size)
    sold_kwh = sum_by_home(place, np.maximum(-accepted_kwh, 0.0), home.size)
    found = pair(bought_kwh, sold_kwh, terms.loss_fraction, clearing.price_cents_per_kwh, rng)
    found = replace(found, seller=home[found.seller], buyer=home[found.buyer])
    return found, clearing.accepted_kwh


def _between(orders: Orders, accepted_kwh: Floats, terms: Terms) -> tuple[Orders, Terms]:
    """Write orders of what the feeders leave unmatched, and the terms on which it travels."""
    rest_kwh = orders.quantity_kwh - accepted_kwh
    homes_count = int(orders.home.max()) + 1
    bought, sold = (
        sum_by_home(orders.home, np.maximum(sign * accepted_kwh, 0.0), homes_count) > 0.0
        for sign in (1.0, -1.0)
    )
    against = np.where(rest_kwh > 0.0, sold[orders.home], bought[orders.home])
    left = ~against & (np.abs(rest_kwh) > _ROUNDING * np.abs(orders.quantity_kwh))
    keeps = 1.0 - terms.between_loss_fraction
    dearer = np.where(
        rest_kwh < 0.0, orders.limit_cents_per_kwh / keeps, orders.limit_cents_per_kwh
    )
    rest = replace(orders, quantity_kwh=rest_kwh, limit_cents_per_kwh=dearer)
    loss_fraction = 1.0 - (1.0 - terms.loss_fraction) * keeps
    return _rows(rest, np.flatnonzero(left)), replace(terms, loss_fraction=loss_fraction)
