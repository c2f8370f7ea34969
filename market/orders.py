"""What goes into a market and what comes out: terms, orders and trades.

m is the number of orders, k of trades, n of homes. Buying is positive. A buyer's energy is
counted as delivered, a seller's as injected; `delivered = (1 - loss) * injected`. Every price
and limit is per delivered kWh, and the limit of an ask holds for that loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from market.config import MarketConfig
from profiles.arrays import Booleans, Floats, Integers

SLIVER_KWH = 1e-12
"""Energy below this is rounding, not trade [kWh]."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the market of one step is told. A floor above the ceiling means no trade."""

    tariff_cents_per_kwh: float  # the grid sells at this
    export_cents_per_kwh: float  # the grid buys at this
    loss_fraction: float  # of the injected energy
    price_floor_cents_per_kwh: float  # no trade is cheaper
    price_ceiling_cents_per_kwh: float  # no trade is dearer
    posted_cents_per_kwh: float = float("nan")  # the coordinator's price, within the two
    feeder: Integers | None = None  # (n,) of each home, where the mechanism tells them apart
    between_loss_fraction: float = 0.0  # of what would arrive, on the way to another feeder

    def arriving_fraction(self, seller: Integers, buyer: Integers) -> Floats:
        """Share of the injected energy of k trades that arrives, shape (k,)."""
        arriving = np.full(seller.size, 1.0 - self.loss_fraction)
        if self.feeder is not None:
            arriving[self.feeder[seller] != self.feeder[buyer]] *= 1.0 - self.between_loss_fraction
        return arriving


@dataclass(frozen=True, slots=True)
class Orders:
    """Steps of the homes' demand curves, in any order; a home may hand in many."""

    home: Integers  # (m,) row of the home
    quantity_kwh: Floats  # (m,) above 0 buys, delivered; below 0 sells, injected
    limit_cents_per_kwh: Floats  # (m,) the most a buyer pays, the least a seller needs
    from_battery: Booleans  # (m,) asks only: energy that a battery would give up


@dataclass(frozen=True, slots=True)
class Trades:
    """Who sells how much to whom. What a home bought or sold is the sum of its trades."""

    seller: Integers  # (k,) row of the home
    buyer: Integers  # (k,) row of the home
    delivered_kwh: Floats  # (k,) what the buyer receives
    injected_kwh: Floats  # (k,) what the seller gives
    price_cents_per_kwh: Floats  # (k,) per delivered kWh

    def bought_kwh(self, homes_count: int) -> Floats:
        """Energy delivered to each home, shape (n,) [kWh]."""
        return sum_by_home(self.buyer, self.delivered_kwh, homes_count)

    def sold_kwh(self, homes_count: int) -> Floats:
        """Energy injected by each home, shape (n,) [kWh]."""
        return sum_by_home(self.seller, self.injected_kwh, homes_count)

    def at_least(self, delivered_kwh_min: float) -> "Trades":
        """Leave out trades smaller than a delivered energy [kWh]; both sides lose the same."""
        keep = self.delivered_kwh >= delivered_kwh_min
        return Trades(
            self.seller[keep],
            self.buyer[keep],
            self.delivered_kwh[keep],
            self.injected_kwh[keep],
            self.price_cents_per_kwh[keep],
        )


def sum_by_home(home: Integers, energy_kwh: Floats, homes_count: int) -> Floats:
    """Add up energies per row of a home, in the order given, shape (n,) [kWh]."""
    # Without any energies bincount forgets that it adds floats.
    return np.bincount(home, energy_kwh, homes_count).astype(np.float64, copy=False)


def joined(parts: Sequence[Trades]) -> Trades:
    """Put trades of several markets of one step behind each other."""
    columns = (np.concatenate([getattr(part, name) for part in parts]) for name in Trades.__slots__)
    return Trades(*columns)


def no_orders() -> Orders:
    """Return what homes hand in where there is no market."""
    zero = np.zeros(0)
    return Orders(np.zeros(0, np.int64), zero, zero, np.zeros(0, np.bool_))


def no_trades() -> Trades:
    """Return the outcome of a market in which nobody deals."""
    rows = np.zeros(0, dtype=np.int64)
    zero = np.zeros(0)
    return Trades(rows, rows, zero, zero, zero)


def terms(
    config: MarketConfig,
    tariff_cents_per_kwh: float,
    export_cents_per_kwh: float,
    signal_cents_per_kwh: float = float("nan"),
    feeder: Integers | None = None,
) -> Terms:
    """Price range of one step, between what the grid pays and what it asks.

    Parameters
    ----------
    config : MarketConfig
        Rules of trade.
    tariff_cents_per_kwh, export_cents_per_kwh : float
        Prices of the grid in this step [cents/kWh]; either may be negative.
    signal_cents_per_kwh : float
        The coordinator's price of this step [cents per delivered kWh], nan if it gave none.
    feeder : ndarray, shape (n,), optional
        Number of the feeder that each home hangs on; None where it makes no difference.

    Returns
    -------
    Terms
        Floor: exporting an injected kWh must not pay better than delivering `1 - loss` of it.
        Ceiling: price plus fee must not exceed the tariff, or the grid is cheaper.
        The price that is posted is the coordinator's, brought into this range.
    """
    worth_exporting = export_cents_per_kwh / (1.0 - config.loss_fraction)
    dearest = tariff_cents_per_kwh - config.fee_cents_per_kwh
    floor = max(config.price_min_cents_per_kwh, worth_exporting)
    ceiling = min(dearest, config.price_max_cents_per_kwh)
    return Terms(
        tariff_cents_per_kwh=tariff_cents_per_kwh,
        export_cents_per_kwh=export_cents_per_kwh,
        loss_fraction=config.loss_fraction,
        price_floor_cents_per_kwh=floor,
        price_ceiling_cents_per_kwh=ceiling,
        posted_cents_per_kwh=float(np.clip(signal_cents_per_kwh, floor, ceiling)),
        feeder=feeder,
        between_loss_fraction=config.regional.between_loss_fraction,
    )
