"""Who trades with whom, once it is known how much every home buys and sells."""

import numpy as np

from market.orders import SLIVER_KWH, Trades, no_trades
from profiles.arrays import Floats, Integers


def pair(
    bought_kwh: Floats,
    sold_kwh: Floats,
    loss_fraction: float,
    price_cents_per_kwh: float,
    rng: np.random.Generator,
) -> Trades:
    """Lay buyers and sellers on two lines of delivered energy; the overlaps are the trades.

    Both sides stand in a random order, so that no home is favoured by its row. What a home
    would sell to itself is taken off both its sides first: its own wiring serves that without
    loss. Overlaps of less than 1e-12 kWh are dropped.

    Parameters
    ----------
    bought_kwh, sold_kwh : ndarray, shape (n,)
        Delivered to and injected by each home [kWh], in balance:
        `sum(bought) = (1 - loss) * sum(sold)`.
    loss_fraction : float
        Share of the injected energy that is lost [1].
    price_cents_per_kwh : float
        Price of every trade [cents per delivered kWh].
    rng : numpy.random.Generator
        Draws the order of the buyers, then that of the sellers.

    Returns
    -------
    Trades
        At most as many as there are buyers and sellers, less one.
    """
    offered_kwh = (1.0 - loss_fraction) * sold_kwh  # (n,) delivered
    own_kwh = np.minimum(bought_kwh, offered_kwh)
    buyers = _shuffled(bought_kwh - own_kwh, rng)
    sellers = _shuffled(offered_kwh - own_kwh, rng)
    return lay(buyers, sellers, loss_fraction, price_cents_per_kwh)


def lay(
    buyers: tuple[Integers, Floats],
    sellers: tuple[Integers, Floats],
    loss_fraction: float,
    price_cents_per_kwh: float,
) -> Trades:
    """Lay two sides on lines of delivered energy, in the order given; the overlaps are the trades.

    Parameters
    ----------
    buyers, sellers : tuple of ndarray
        Rows of different homes and the energy of each, delivered, above 0 [kWh]. Where one side
        has more, what is beyond the other's end is left out.
    loss_fraction : float
        Share of the injected energy that is lost [1].
    price_cents_per_kwh : float
        Price of every trade [cents per delivered kWh].

    Returns
    -------
    Trades
        In the order of the lines.
    """
    if not (buyers[0].size and sellers[0].size):
        return no_trades()
    buyer_ends_kwh, seller_ends_kwh = np.cumsum(buyers[1]), np.cumsum(sellers[1])
    # Two sorted runs: a stable sort merges them in linear time.
    ends = np.sort(np.concatenate([buyer_ends_kwh, seller_ends_kwh]), kind="stable")
    ends = ends[ends <= min(buyer_ends_kwh[-1], seller_ends_kwh[-1])]
    starts = np.concatenate([[0.0], ends[:-1]])
    traded = ends - starts > SLIVER_KWH
    starts, ends = starts[traded], ends[traded]
    delivered_kwh = ends - starts  # (k,)
    return Trades(
        seller=sellers[0][np.searchsorted(seller_ends_kwh, starts, side="right")],
        buyer=buyers[0][np.searchsorted(buyer_ends_kwh, starts, side="right")],
        delivered_kwh=delivered_kwh,
        injected_kwh=delivered_kwh / (1.0 - loss_fraction),
        price_cents_per_kwh=np.full(delivered_kwh.size, price_cents_per_kwh),
    )


def _shuffled(energy_kwh: Floats, rng: np.random.Generator) -> tuple[Integers, Floats]:
    rows = rng.permutation(np.flatnonzero(energy_kwh > SLIVER_KWH))
    return rows, energy_kwh[rows]
