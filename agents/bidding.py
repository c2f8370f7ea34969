"""From what stored energy is worth to a home's whole demand curve.

At price p per delivered kWh a home charges while ``lambda * eta_c > p``, buys its load rather than
serve it from the battery while ``p < lambda / eta_d``, sells from the battery while
``(1 - loss) * p > lambda / eta_d``, and offers surplus PV above what charging or exporting it
brings. A home whose sales of the day are limited asks for what the quota is worth on top.
Limits are what energy is worth to the home; margin, fee, price range and caps are
rules of the market and applied there.

n homes, m orders. All energies are AC.
"""

import numpy as np
from numba import njit

from agents import curves
from agents.decisions import Decisions, Situation
from agents.planning import CHARGE, DISCHARGE, POWER, RANGE, TINY
from market.orders import Orders, Terms
from profiles.arrays import Booleans, Floats, Integers


def quote(situation: Situation, decisions: Decisions, terms: Terms) -> Orders:
    """Write the orders of all homes.

    Parameters
    ----------
    situation, decisions : Situation, Decisions
        What n homes know and decided.
    terms : Terms
        The step's tariff, export price and loss.

    Returns
    -------
    Orders
        Home by home; a home that wants nothing hands in nothing.
    """
    net_kwh = situation.load_kwh - situation.pv_kwh + decisions.battery_kwh
    return Orders(
        *_orders(
            situation.held_kwh,
            net_kwh,
            (terms.tariff_cents_per_kwh, terms.export_cents_per_kwh, 1.0 - terms.loss_fraction),
            _quota(situation),
            situation.fleet.limits,
            curves.falling(decisions.curves).arrays,
        )
    )


def _quota(situation: Situation) -> Floats:
    """Return what selling a kWh of the day's quota costs each home, shape (n,) [cents/kWh]."""
    if situation.memory is None:
        return np.zeros(situation.fleet.homes_count)
    return np.ascontiguousarray(situation.memory.quota_cents_per_kwh[:, 0])


@njit(cache=True)
def _orders(
    held: Floats, net: Floats, grid: tuple[float, float, float], quota: Floats, limits: Floats,
    curves: tuple[Integers, Floats, Floats],
) -> tuple[Integers, Floats, Floats, Booleans]:  # fmt: skip
    """Orders of n homes: row, energy (positive buys), limit, whether a battery gives it up."""
    offset, value, width = curves
    # A segment can be cut by what is held, by the power each way and by load or surplus.
    most = value.size + 6 * held.size
    home, from_battery = np.empty(most, np.int64), np.zeros(most, np.bool_)
    energy, limit = np.empty(most), np.empty(most)
    count = 0
    for i in range(held.size):
        first, last = offset[i], offset[i + 1]
        start = count
        count = _sales_side(
            held[i], net[i], grid, quota[i], limits[i], value[first:last], width[first:last],
            energy, limit, from_battery, count,
        )  # fmt: skip
        count = _charging_side(
            held[i], net[i], grid, quota[i], limits[i], value[first:last], width[first:last],
            energy, limit, count,
        )  # fmt: skip
        home[start:count] = i
    return home[:count], energy[:count], limit[:count], from_battery[:count]


@njit(cache=True)
def _sales_side(
    held: float, net: float, grid: tuple[float, float, float], quota: float, limits: Floats,
    value: Floats, width: Floats, energy: Floats, limit: Floats, from_battery: Booleans, count: int,
) -> int:  # fmt: skip
    """Load, and what the battery can give: serve the own load first, then sell."""
    tariff, _, keeps = grid
    need, power, out = max(net, 0.0), limits[POWER], limits[DISCHARGE]
    top = limits[RANGE]
    for k in range(value.size - 1, -1, -1):  # the least valuable energy first
        bottom = top - width[k]
        give = min((min(top, held) - bottom) * out, power)
        top = bottom
        if give <= TINY:
            continue
        power -= give
        served = min(give, need)
        if served > TINY:
            energy[count], limit[count] = served, min(tariff, value[k] / out)
            count += 1
        need -= served
        if give - served > TINY:
            energy[count], limit[count] = served - give, (value[k] / out + quota) / keeps
            from_battery[count] = True
            count += 1
    if need > TINY:
        energy[count], limit[count] = need, tariff
        count += 1
    return count


@njit(cache=True)
def _charging_side(
    held: float, net: float, grid: tuple[float, float, float], quota: float, limits: Floats,
    value: Floats, width: Floats, energy: Floats, limit: Floats, count: int,
) -> int:  # fmt: skip
    """Surplus PV, and what the battery can take: charge own surplus first, then buy."""
    tariff, export, keeps = grid
    surplus, power, into = max(-net, 0.0), limits[POWER], limits[CHARGE]
    bottom = 0.0
    for k in range(value.size):  # the most valuable room first
        top = bottom + width[k]
        take = min((top - max(bottom, held)) / into, power)
        bottom = top
        if take <= TINY:
            continue
        power -= take
        own = min(take, surplus)
        if own > TINY:
            energy[count], limit[count] = -own, (max(export, value[k] * into) + quota) / keeps
            count += 1
        surplus -= own
        if take - own > TINY:
            energy[count], limit[count] = take - own, min(tariff, value[k] * into)
            count += 1
    if surplus > TINY:
        energy[count], limit[count] = -surplus, (export + quota) / keeps
        count += 1
    return count
