"""Price signals: what the coordinator expects a kWh to be worth in the community, ahead of time.

It knows community sums only. H steps ahead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from agents import nonconvex, planning
from agents.fleet import Fleet, FleetState
from agents.prices import Prices
from market.config import MarketConfig
from profiles.arrays import Booleans, Floats, Integers


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


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the coordinator is told of the steps ahead: sums over homes, the clock, the grid."""

    load_kwh: Floats  # (H,) expected consumption of the whole community
    pv_kwh: Floats  # (H,) expected generation of the whole community
    minute: Integers  # (H,) since local midnight, by the wall clock
    storage: Storage
    grid: Prices


def marginal(outlook: Outlook, rules: MarketConfig) -> Floats:
    """Marginal price of one aggregate battery planned over the community's net forecast.

    Where the community imports, one kWh more costs the tariff; where it exports, the export
    price; where its batteries balance it, what they would give up for it.

    Parameters
    ----------
    outlook : Outlook
        What the community expects, its batteries, the grid's prices.
    rules : MarketConfig
        For loss and lowest price.

    Returns
    -------
    ndarray, shape (H,)
        Price [cents per delivered kWh], between the lowest of a trade and the tariff.
    """
    storage, grid = outlook.storage, outlook.grid
    tariff, export = grid.tariff_cents_per_kwh, grid.export_cents_per_kwh
    shared_kwh = (outlook.load_kwh - outlook.pv_kwh) / max(storage.batteries_count, 1)
    into, out = storage.limits[0, planning.CHARGE], storage.limits[0, planning.DISCHARGE]
    terminal = np.array([grid.lowest_tariff_cents_per_kwh * out])
    pairs = grid.pairs(np.ones(1))
    plan = nonconvex.plan if nonconvex.needed(pairs) else planning.plan
    battery, more, less = (
        found[0]
        for found in plan(
            np.maximum(shared_kwh, 0.0)[None],
            np.maximum(-shared_kwh, 0.0)[None],
            pairs,
            storage.limits,
            storage.held_kwh,
            terminal,
        )
    )
    flow_kwh = shared_kwh + battery  # (H,) before anything is curtailed
    balanced = np.where(battery > 0.0, more * into, less / max(out, planning.TINY))
    price = np.where(flow_kwh > 1e-9, tariff, np.where(flow_kwh < -1e-9, export, balanced))
    return np.minimum(np.maximum(price, floor_cents_per_kwh(export, rules)), tariff)


def supply_demand(outlook: Outlook, rules: MarketConfig) -> Floats:
    """Price by the hour, moved by how far demand and supply of the community are apart.

    It knows neither tariff nor batteries: a rule of thumb to hold `marginal` against.

    Parameters
    ----------
    outlook : Outlook
        What the community expects, and the clock.
    rules : MarketConfig
        For the figures of the rule, lowest and highest price.

    Returns
    -------
    ndarray, shape (H,)
        Price [cents per delivered kWh], between the lowest and the highest of a trade.
    """
    knobs, demand_kwh = rules.supply_demand, outlook.load_kwh
    imbalance = np.zeros_like(demand_kwh)
    np.divide(demand_kwh - outlook.pv_kwh, demand_kwh, out=imbalance, where=demand_kwh > 0.0)
    factor = np.where(_within(outlook.minute, knobs.night_hours), knobs.night_factor, 1.0)
    factor = np.where(_within(outlook.minute, knobs.peak_hours), knobs.peak_factor, factor)
    slope = np.where(imbalance > 0.0, knobs.shortage_slope, knobs.surplus_slope)
    moved = np.abs(imbalance) > knobs.imbalance_min_fraction
    price = knobs.base_cents_per_kwh * factor * np.where(moved, 1.0 + slope * imbalance, 1.0)
    return np.clip(price, rules.price_min_cents_per_kwh, rules.price_max_cents_per_kwh)


def _within(minute: Integers, hours: tuple[float, float]) -> Booleans:
    return (minute >= 60.0 * hours[0]) & (minute < 60.0 * hours[1])


SIGNALS: Mapping[str, Callable[[Outlook, MarketConfig], Floats]] = MappingProxyType(
    {"rehearsed": marginal, "marginal": marginal, "supply_demand": supply_demand}
)
"""Price signals by the name that a scenario asks for; a rehearsal's first guess is `marginal`."""


def floor_cents_per_kwh(export: Floats, rules: MarketConfig) -> Floats:
    """Lowest price of a trade in each step, shape (H,): below it exporting pays more."""
    return np.maximum(rules.price_min_cents_per_kwh, export / (1.0 - rules.loss_fraction))


def kept_fraction(rules: MarketConfig) -> float:
    """Share of the price that a battery's kWh brings, after loss and margin."""
    return (1.0 - rules.loss_fraction) / (1.0 + rules.margin_fraction)


def reckoned(
    price_cents_per_kwh: Floats, grid: Prices, rules: MarketConfig, trust_fraction: float
) -> Prices:
    """Tell what a home reckons with, buying and selling, once it has heard the price signal.

    A buyer pays the fee on top, and never more than the tariff unless the grid is at its limit. A
    seller receives what loss and margin leave of what a buyer may pay, or exports if that pays
    more; one price stands for what battery and sun bring, though the market asks the margin of
    batteries only. All homes hear the same price and the market is not as deep as each of them
    believes, so buyers trust it in part only: the rest of the way to the tariff is the spread
    they expect.

    Parameters
    ----------
    price_cents_per_kwh : ndarray, shape (F, H)
        The signal, for all futures or for each [cents per delivered kWh].
    grid : Prices
        Tariff and export price over the horizon.
    rules : MarketConfig
        For loss, margin, fee, lowest and highest price.
    trust_fraction : float
        1 believes the signal, 0 the grid alone.

    Returns
    -------
    Prices
        Where the rules leave no price, those of the grid.
    """
    tariff, export = grid.tariff_cents_per_kwh, grid.export_cents_per_kwh
    ceiling = np.minimum(tariff - rules.fee_cents_per_kwh, rules.price_max_cents_per_kwh)
    keeps = kept_fraction(rules)
    floor = floor_cents_per_kwh(export, rules)
    scarce = price_cents_per_kwh > np.maximum(tariff, floor)
    price = np.maximum(price_cents_per_kwh, floor)
    buy = np.minimum(price + rules.fee_cents_per_kwh, tariff)
    sell = np.maximum(keeps * np.where(scarce, price, np.minimum(price, ceiling)), export)
    possible = (floor <= ceiling) | scarce
    trust = np.where(possible, trust_fraction, 0.0)
    buy = np.where(scarce, price, tariff + trust * (buy - tariff))
    sell = np.where(possible & (trust_fraction > 0.0), sell, export)
    return Prices(
        buy_cents_per_kwh=buy,
        # Rounding must not turn usual prices into odd ones, which take longer to plan with.
        sell_cents_per_kwh=np.where(export <= tariff, np.minimum(sell, buy), sell),
        tariff_cents_per_kwh=tariff,
        export_cents_per_kwh=export,
    )
