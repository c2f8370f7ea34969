"""What stored energy is worth when several futures are possible and the market is not bottomless.

A home weighs M futures that it cannot tell apart yet, so its cost to go is kept on a grid: K + 1
charges, linear in between. One step back in time is the merge of falling segments of
``agents/planning.py`` at the points of the grid. Before it, each future's benefit moves towards
the mean of all, for a home learns its future bit by bit. ``docs/planning.md`` derives it.

Symbols: n homes, M futures, H steps ahead, K cells. A benefit (K + 1,) is what energy held saves
[cents], rising and concave in the charge, up to a constant. ``net`` is load less PV [kWh].
``prices`` (M, H, 4) are ``(TARIFF, BUY, SELL, EXPORT)`` [cents/kWh], falling, not negative: up to
``depth`` kWh each way trade at BUY and SELL, the rest with the grid. ``quota`` (n, 2) is what a kWh
sold costs a home because its day's sales are limited, today and from tomorrow on.
"""

import numpy as np
from numba import njit

from agents.planning import CHARGE, DISCHARGE, EXPORT, IMPORT, POWER, RANGE, TINY, Ratings, ratings
from agents.planning import UNSERVED_CENTS_PER_KWH as UNSERVED
from profiles.arrays import Floats

TODAY, LATER = range(2)
Quote = tuple[float, float, float, float]
SEGMENTS_MAX = 13  # of one step's own: six kinds of flow, charging and discharging, one spare
HALVINGS = 8  # of a price's interval
ROUNDING_KWH = 1e-9  # sums over homes in another order must clear at the same price


@njit(cache=True)
def _push(own: Floats, count: int, value: float, width: float) -> int:
    own[0, count], own[1, count] = value, width
    return count + (width > TINY)  # without a branch: which are empty is hard to predict


@njit(cache=True)
def segments(
    net: float, quote: Quote, depth: float, limits: Ratings, own: Floats
) -> tuple[int, float]:
    """Write one step's own segments in falling order; return their count and the charging width.

    From the most that may come in to the most that may go out, a kWh of the home's flow is worth:
    unserved load, the tariff, BUY, SELL, the export price, nothing.
    """
    tariff, buy, sell, export = quote
    power = limits[POWER]
    charge = min(power, max(limits[IMPORT] - net, 0.0))
    bought, sold = min(depth, limits[IMPORT]), min(depth, limits[EXPORT])
    count = 0
    for charging in (True, False):
        top, low = (net + charge, net) if charging else (net, net - power)
        stored = limits[CHARGE] if charging else 1.0 / limits[DISCHARGE]
        a = min(max(limits[IMPORT], low), top)
        b = min(max(bought, low), top)
        c = min(max(0.0, low), top)
        d = min(max(-sold, low), top)
        e = min(max(-limits[EXPORT], low), top)
        count = _push(own, count, UNSERVED / stored, (top - a) * stored)
        count = _push(own, count, tariff / stored, (a - b) * stored)
        count = _push(own, count, buy / stored, (b - c) * stored)
        count = _push(own, count, sell / stored, (c - d) * stored)
        count = _push(own, count, export / stored, (d - e) * stored)
        count = _push(own, count, 0.0, (e - low) * stored)
    return count, charge * limits[CHARGE]


@njit(cache=True)
def _first_below(benefit: Floats, at: int, cells: int, rise: float) -> int:
    """First cell from ``at`` on that is worth less than ``rise``."""
    while at < cells and benefit[at + 1] - benefit[at] >= rise:
        at += 1
    return at


@njit(cache=True)
def step_back(
    benefit: Floats, cell: float, own: Floats, count: int, skip: float, before: Floats
) -> None:
    """Merge a step's own segments into a benefit (K + 2,), whose last point is there twice.

    Point k of ``before`` lies ``skip + k * cell`` along the merged list: between own segments the
    benefit is read at a constant shift, inside one it rises by its value.
    """
    cells, per_cell = benefit.size - 2, 1.0 / cell
    k, at, shift, gained = 0, 0, -skip, 0.0
    for j in range(count + 1):
        below = _first_below(benefit, at, cells, own[0, j] * cell) if j < count else cells
        end = below + shift * per_cell + 1e-9  # points up to here lie before the own segment
        last = min(int(end) if end >= 0.0 else -1, cells)
        if k <= last:
            moved = 1e-9 - shift * per_cell  # cells
            whole = int(moved) if moved >= 0.0 else -int(-moved) - 1
            part = max(moved - whole - 1e-9, 0.0)
            for q in range(k, last + 1):
                low = benefit[q + whole]
                before[q] = low + part * (benefit[q + whole + 1] - low) + gained
            k = last + 1
        if k > cells or j == count:
            break
        at, value, start = below, own[0, j], below * cell + shift
        base = benefit[below] + gained - value * start
        end = (start + own[1, j]) * per_cell + 1e-9
        last = min(int(end) if end >= 0.0 else -1, cells)
        for q in range(k, last + 1):
            before[q] = base + value * (q * cell)
        k = max(k, last + 1)
        shift, gained = shift + own[1, j], gained + value * own[1, j]
    for q in range(max(k, 1), cells + 1):  # rounding of the widths alone can leave a point over
        before[q] = before[q - 1]
    before[cells + 1] = before[cells]


@njit(cache=True)
def _mean(benefits: Floats, weights: Floats, mean: Floats) -> None:
    mean[:] = 0.0
    for m in range(weights.size):
        for k in range(mean.size):
            mean[k] += weights[m] * benefits[m, k]


@njit(cache=True)
def _back(
    net: Floats, prices: Floats, quota: Floats, today: int, depth: float, limits: Ratings,
    recourse: float, weights: Floats, final: Floats, mean: Floats, kept: Floats,
) -> None:  # fmt: skip
    """Write the mean benefit of what one home holds after step 0 to ``mean`` (K + 2,).

    ``net`` is (M, H), ``final`` (K + 2,) the benefit when the horizon ends. Where ``kept`` has
    room, (H + 1, M, K + 2), it is left with what each future's home reckons with by then.
    """
    futures, ahead = net.shape
    cell = limits[RANGE] / (mean.size - 2)
    benefits, mixed = np.empty((futures, mean.size)), np.empty(mean.size)
    own = np.empty((2, SEGMENTS_MAX))
    benefits[:] = final
    if kept.shape[0] > 0:
        kept[ahead] = final
    for h in range(ahead - 1, 0, -1):
        _mean(benefits, weights, mean)
        scarce = quota[LATER] if h >= today else quota[TODAY]
        for m in range(futures):
            for k in range(mixed.size):
                mixed[k] = recourse * benefits[m, k] + (1.0 - recourse) * mean[k]
            if kept.shape[0] > 0:
                kept[h + 1, m] = mixed
            tariff, buy, sell, export = prices[m, h]
            quote = (tariff, buy, max(sell - scarce, export), export)
            count, skip = segments(net[m, h], quote, depth, limits, own)
            step_back(mixed, cell, own, count, skip, benefits[m])
    _mean(benefits, weights, mean)
    if kept.shape[0] > 0:
        kept[1] = mean


@njit(cache=True, nogil=True)
def benefits_after(
    net: Floats, prices: Floats, quota: Floats, today: int, depth: float, limits: Floats,
    recourse: float, weights: Floats, final: Floats, keep: bool,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Benefit of what each home holds after step 0, (n, K + 2), 0 without a battery.

    ``net`` is (n, M, H), ``final`` (n, K + 2); the benefits after each step come second if
    ``keep``, (n, H + 1, M, K + 2).
    """
    (homes, futures, ahead), points = net.shape, final.shape[1]
    after = np.zeros((homes, points))
    kept = np.zeros((homes, ahead + 1 if keep else 0, futures, points))
    for i in range(homes):
        if limits[i, RANGE] > 0.0:
            _back(
                net[i], prices, quota[i], today, depth, ratings(limits, i), recourse, weights,
                final[i], after[i], kept[i],
            )  # fmt: skip
    return after, kept


@njit(cache=True)
def battery_at(
    held: float, net: float, quote: Quote, depth: float, limits: Ratings, benefit: Floats,
    own: Floats,
) -> float:  # fmt: skip
    """Battery energy (AC kWh) that is best at these prices, given a benefit (K + 2,)."""
    cells, cell = benefit.size - 2, limits[RANGE] / (benefit.size - 2)
    count, skip = segments(net, quote, depth, limits, own)
    wanted, at, taken = held + skip, 0, 0.0
    for j in range(count):
        at = _first_below(benefit, at, cells, own[0, j] * cell)
        left = wanted - at * cell - taken
        if left <= 0.0:
            break
        taken += min(own[1, j], left)
        if left <= own[1, j]:
            break
    moved = min(max(skip - taken, -held), limits[RANGE] - held)
    return moved / limits[CHARGE] if moved > 0.0 else moved * limits[DISCHARGE]


@njit(cache=True)
def _excess(
    price: float, net: Floats, step: Floats, quota: Floats, depth: float, limits: Floats,
    held: Floats, benefits: Floats, battery: Floats, own: Floats,
) -> float:  # fmt: skip
    """Delivered kWh wanted at a price above what homes offer; fills ``battery`` (n,).

    ``step`` is ``(tariff, export, what a seller keeps of the price, what arrives of a kWh)``.
    """
    tariff, export, keeps, arrives = step
    excess = 0.0
    for i in range(net.size):
        sell = min(max(keeps * price - quota[i], export), price)
        if limits[i, RANGE] > 0.0:
            quote = (max(tariff, price), price, sell, export)
            battery[i] = battery_at(
                held[i], net[i], quote, depth, ratings(limits, i), benefits[i], own
            )
        flow = net[i] + battery[i]
        excess += min(flow, depth) if flow > 0.0 else max(flow, -depth) * arrives
    return excess


@njit(cache=True)
def rehearse(
    net: Floats, steps: Floats, supply: Floats, quota: Floats, today: int, depth: float,
    limits: Floats, held_now: Floats, kept: Floats, weights: Floats, bounds: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Let the market clear at every step ahead of every future, as homes would then trade.

    ``steps`` (H, 4) as in ``_excess``; ``supply`` (H,) is what the grid can bring in; ``bounds``
    (H, 2) the lowest price and the highest of scarcity. Returns prices (M, H) and sales (n, 2)
    [injected kWh], today and later, mean over the futures.
    """
    homes, futures, ahead = net.shape
    price, sold = np.empty((futures, ahead)), np.zeros((homes, 2))
    low_kwh, high_kwh, held = np.zeros(homes), np.zeros(homes), np.empty(homes)
    own = np.empty((2, SEGMENTS_MAX))
    for m in range(futures):
        held[:] = held_now
        for h in range(ahead):
            when = LATER if h >= today else TODAY
            now = (net[:, m, h], steps[h], quota[:, when], depth, limits, held, kept[:, h + 1, m])
            price[m, h] = _clear(now, supply[h], bounds[h], low_kwh, high_kwh, own)
            _live(now, price[m, h], high_kwh, held, sold[:, when], weights[m])
    return price, sold


@njit(cache=True)
def _clear(
    now: tuple[Floats, Floats, Floats, float, Floats, Floats, Floats], supply: float,
    bounds: Floats, low_kwh: Floats, high_kwh: Floats, own: Floats,
) -> float:  # fmt: skip
    """Find the price at which homes take what homes and grid offer; batteries in ``high_kwh``."""
    net, step, quota, depth, limits, held, benefits = now
    tariff, low, high, offered = step[0], min(bounds[0], step[0]), step[0], 0.0
    above = _excess(high, net, step, quota, depth, limits, held, benefits, high_kwh, own)
    if above > -ROUNDING_KWH:  # the grid serves the rest at its tariff, if it can
        if supply == np.inf or bounds[1] <= tariff:
            return tariff
        below = _excess(high, net, step, quota, np.inf, limits, held, benefits, low_kwh, own)
        if below <= supply:
            return tariff
        low, high, offered, below, depth = tariff, bounds[1], supply, below - supply, np.inf
        above = (
            _excess(high, net, step, quota, depth, limits, held, benefits, high_kwh, own) - supply
        )
        if above >= 0.0:
            return high
    else:
        below = _excess(low, net, step, quota, depth, limits, held, benefits, low_kwh, own)
        if below < -ROUNDING_KWH:
            high_kwh[:] = low_kwh
            return low
    tried = np.zeros(net.size)
    for _ in range(HALVINGS):
        price = 0.5 * (low + high)
        excess = _excess(price, net, step, quota, depth, limits, held, benefits, tried, own)
        if excess - offered > -ROUNDING_KWH:
            low, below, low_kwh[:] = price, excess - offered, tried
        else:
            high, above, high_kwh[:] = price, excess - offered, tried
    share = below / (below - above) if below > above else 1.0
    for i in range(net.size):
        high_kwh[i] = (1.0 - share) * low_kwh[i] + share * high_kwh[i]
    return 0.5 * (low + high)


@njit(cache=True)
def _live(
    now: tuple[Floats, Floats, Floats, float, Floats, Floats, Floats], price: float,
    battery: Floats, held: Floats, sold: Floats, weight: float,
) -> None:  # fmt: skip
    """Move what homes hold on by a step, and count what they sell to each other."""
    net, step, quota, depth, limits, _, _ = now
    flow = net + battery
    sells = (flow < 0.0) & (step[2] * price - quota > step[1])
    wanted = np.minimum(np.maximum(flow, 0.0), depth).sum()
    given = np.where(sells, np.minimum(-flow, depth), 0.0)
    sold += weight * min(1.0, wanted / max(given.sum() * step[3], TINY)) * given
    for i in range(held.size):
        into, out = limits[i, CHARGE], limits[i, DISCHARGE]
        moved = battery[i] * into if battery[i] > 0.0 else battery[i] / out
        held[i] = min(max(held[i] + moved, 0.0), limits[i, RANGE])
