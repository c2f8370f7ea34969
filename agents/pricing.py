"""Price signals: what the coordinator expects a kWh to be worth in the community, ahead of time.

It knows community sums only. H steps ahead.
"""

from dataclasses import dataclass

import numpy as np

from agents import planning
from agents.fleet import Fleet, FleetState
from agents.prices import Prices
from market.config import MarketConfig
from profiles.arrays import Floats


@dataclass(frozen=True, slots=True)
class Storage:
    """All batteries of the community as one: the average of those there are."""

    batteries_count: int
    limits: Floats  # (1, 6) of the average battery, with an even share of the connections
    held_kwh: Floats  # (1,) of the average battery


def storage_of(fleet: Fleet, state: FleetState) -> Storage:
    """Sum up a fleet's batteries and divide by their number."""
    owners = fleet.power_kwh_max > 0.0
    count = int(owners.sum())
    limits = fleet.limits
    mean = limits[owners].mean(axis=0, keepdims=True) if count else np.zeros((1, 6))
    connections = slice(planning.IMPORT, planning.EXPORT + 1)
    mean[:, connections] = limits[:, connections].sum(axis=0) / max(count, 1)
    held_kwh = (state.stored_kwh - fleet.stored_kwh_min).sum(keepdims=True) / max(count, 1)
    return Storage(count, mean, held_kwh)


def marginal(net_kwh: Floats, storage: Storage, grid: Prices, rules: MarketConfig) -> Prices:
    """Marginal price of one aggregate battery planned over the community's net forecast.

    Where the community imports, one kWh more costs the tariff; where it exports, the export
    price; where its batteries balance it, what they would give up for it. Kept between the
    lowest price of a trade and the tariff. A home that buys pays the fee on top, and never more
    than the tariff; one that sells receives what the loss leaves of what a buyer may pay, or
    exports if that pays more. Where the rules leave no price, homes deal with the grid.

    Parameters
    ----------
    net_kwh : ndarray, shape (H,)
        Expected load less PV of the whole community [kWh].
    storage : Storage
        Its batteries.
    grid : Prices
        Tariff and export price over the horizon.
    rules : MarketConfig
        For loss, fee, lowest and highest price.

    Returns
    -------
    Prices
        What a home should reckon with, buying and selling, over the horizon.
    """
    tariff, export = grid.tariff_cents_per_kwh, grid.export_cents_per_kwh
    shared_kwh = net_kwh / max(storage.batteries_count, 1)
    into, out = storage.limits[0, planning.CHARGE], storage.limits[0, planning.DISCHARGE]
    terminal = np.array([grid.lowest_tariff_cents_per_kwh * out])
    battery, more, less = (
        found[0]
        for found in planning.plan(
            np.maximum(shared_kwh, 0.0)[None],
            np.maximum(-shared_kwh, 0.0)[None],
            grid.pairs,
            storage.limits,
            storage.held_kwh,
            terminal,
        )
    )
    flow_kwh = shared_kwh + battery  # (H,) before anything is curtailed
    balanced = np.where(battery > 0.0, more * into, less / max(out, planning.TINY))
    price = np.where(flow_kwh > 1e-9, tariff, np.where(flow_kwh < -1e-9, export, balanced))
    keeps = 1.0 - rules.loss_fraction
    floor = np.maximum(rules.price_min_cents_per_kwh, export / keeps)
    price = np.minimum(np.maximum(price, floor), tariff)
    ceiling = np.minimum(tariff - rules.fee_cents_per_kwh, rules.price_max_cents_per_kwh)
    buy = np.minimum(price + rules.fee_cents_per_kwh, tariff)
    sell = np.maximum(keeps * np.minimum(price, ceiling), export)
    possible = floor <= ceiling
    return Prices(np.where(possible, buy, tariff), np.where(possible, sell, export), tariff, export)
