"""Mechanisms by name: to add one, write a file in `mechanisms/` and a line in the table."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from market.mechanisms import call_auction, mid_market, pay_as_bid, posted_price, regional
from market.orders import Orders, Terms, Trades, no_trades
from profiles.errors import InputError

Mechanism = Callable[[Orders, Terms, np.random.Generator], Trades]


def _nobody_trades(_orders: Orders, _terms: Terms, _rng: np.random.Generator) -> Trades:
    return no_trades()


MECHANISMS: Mapping[str, Mechanism] = MappingProxyType(
    {
        "call_auction": call_auction.trade,
        "posted_price": posted_price.trade,
        "mid_market": mid_market.trade,
        "pay_as_bid": pay_as_bid.trade,
        "regional": regional.trade,
        "none": _nobody_trades,
    }
)
POSTED = frozenset({"posted_price"})
"""Mechanisms that trade at a price from outside: somebody must post one."""
BY_FEEDER = frozenset({"regional"})
"""Mechanisms that tell feeders apart: they must be told which home hangs on which."""


def match(
    name: str, orders: Orders, terms: Terms, rng: np.random.Generator, trade_min_kwh: float = 0.0
) -> Trades:
    """Turn orders into trades by the mechanism of that name.

    Parameters
    ----------
    name : str
        A key of `MECHANISMS`.
    orders : Orders
        Orders that keep the rules, as `limits.apply` returns them.
    terms : Terms
        Loss and price range of the step.
    rng : numpy.random.Generator
        Decides who is paired with whom.
    trade_min_kwh : float
        Trades that deliver less are dropped, on both sides [kWh]; see `limits.trade_min_kwh`.

    Returns
    -------
    Trades
        Trades of the step.

    Raises
    ------
    InputError
        If there is no mechanism of that name.
    """
    if name not in MECHANISMS:
        known = ", ".join(sorted(MECHANISMS))
        raise InputError(f"market.mechanism: must be one of {known} (got '{name}')")
    return MECHANISMS[name](orders, terms, rng).at_least(trade_min_kwh)
