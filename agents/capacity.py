"""Keeping all homes together within what the grid can bring and take.

What is scarce first has a price. Where homes would import too much, the price of an import rises
from the tariff towards the highest price of a trade until they keep within the capacity: those
that plan charge less and live on their batteries, and what batteries sell to others fetches more.
Where they would export too much, the price of an export falls towards 0 until they keep their sun.
Nobody is billed at these prices: the grid asks its tariff, and they only bound the price of trades.
What prices cannot do is done by order, in proportion to what each home can do: charging is turned
down, batteries give and take beyond their plans, and at last load goes dark and panels are turned
down.

n homes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from agents import battery
from agents.dealing import Dealing, Dealt, Part
from agents.metering import Flows
from market.orders import Terms
from profiles.arrays import Floats

TOLERANCE_KWH = 1e-9
"""What all homes together may be off [kWh]: rounding."""
PRICE_TOLERANCE_CENTS = 1e-3
"""How closely the price is found [cents/kWh]; within it batteries go part of their way."""
SLACK_KWH = 1e-6
"""How much of the capacity may be left unused [kWh] once they do."""
_SHARES_TRIED_MAX = 20


@dataclass(frozen=True, slots=True)
class _Side:
    """One direction: the range of its price, from the grid's to the last, and what breaks it."""

    terms_at: Callable[[float], Terms]
    prices: tuple[float, float]
    over_kwh: Callable[[Dealt], float]


def kept(
    dealing: Dealing, dealt: Dealt, most_kwh: tuple[float, float], *, idle: bool
) -> tuple[Dealt, float]:
    """Bring a step within the capacity of the grid.

    Parameters
    ----------
    dealing : Dealing
        The step.
    dealt : Dealt
        What it came to at the grid's own prices; it stays if it keeps within the capacity.
    most_kwh : tuple of float
        Most that all homes may import and export [kWh].
    idle : bool
        Whether batteries hold still, whatever happens.

    Returns
    -------
    dealt : Dealt
        An outcome within the capacity.
    scarcity_cents_per_kwh : float
        What an import was made to cost in it, nan where the capacity for imports did not bind.
    """
    tariff = dealing.terms.tariff_cents_per_kwh
    export = dealing.terms.export_cents_per_kwh
    scarcity = float("nan")
    into = _Side(
        terms_at=lambda price: dealing.terms_at(price, export),
        prices=(tariff, max(tariff, dealing.scheduler.rules.price_max_cents_per_kwh)),
        over_kwh=lambda tried: float(tried.flows.import_kwh.sum()) - most_kwh[0],
    )
    if into.over_kwh(dealt) > TOLERANCE_KWH:
        dealt = _priced(dealing, dealt, into)
        tariff = scarcity = dealt.terms.tariff_cents_per_kwh
    out = _Side(
        terms_at=lambda price: dealing.terms_at(tariff, price),
        prices=(export, min(export, 0.0)),
        over_kwh=lambda tried: float(tried.flows.export_kwh.sum()) - most_kwh[1],
    )
    if out.over_kwh(dealt) > TOLERANCE_KWH:
        dealt = _priced(dealing, dealt, out)
    if max(into.over_kwh(dealt), out.over_kwh(dealt)) > TOLERANCE_KWH:
        dealt = _ordered(dealing, dealt, most_kwh, idle=idle)
    return dealt, scarcity


def _priced(dealing: Dealing, dealt: Dealt, side: _Side) -> Dealt:
    """Move a price just so far that the capacity is kept, or to its end if that is not enough."""
    near, far = side.prices
    broken, held = dealt, dealing.deal_again(side.terms_at(far))
    if side.over_kwh(held) > TOLERANCE_KWH:
        return held
    while abs(far - near) > PRICE_TOLERANCE_CENTS:
        price = 0.5 * (near + far)
        tried = dealing.deal_again(side.terms_at(price))
        if side.over_kwh(tried) > TOLERANCE_KWH:
            near, broken = price, tried
        else:
            far, held = price, tried
    share = _share(dealing, broken, held, side)
    # The last clearing is the one that counts.
    return dealing.deal_again(held.terms, Part(broken, held, share) if share < 1.0 else None)


def _share(dealing: Dealing, broken: Dealt, held: Dealt, side: _Side) -> float:
    """Find the share of the way from a broken capacity to a kept one that is enough.

    False position, with the Illinois rule against ends that stay [1]_.

    References
    ----------
    .. [1] M. Dowell, P. Jarratt, "A modified regula falsi method for computing the root of an
       equation," BIT 11, 1971.
    """
    low, high = 0.0, 1.0
    low_kwh, high_kwh = side.over_kwh(broken), side.over_kwh(held)
    slack_kwh = -high_kwh
    for _ in range(_SHARES_TRIED_MAX):
        if slack_kwh < SLACK_KWH:
            break
        share = low + (high - low) * low_kwh / (low_kwh - high_kwh)
        tried = dealing.deal_again(held.terms, Part(broken, held, share))
        over_kwh = side.over_kwh(tried)
        if over_kwh > TOLERANCE_KWH:
            low, low_kwh, high_kwh = share, over_kwh, 0.5 * high_kwh
        else:
            high, high_kwh, low_kwh = share, over_kwh, 0.5 * low_kwh
            slack_kwh = -over_kwh
    return high


def _ordered(dealing: Dealing, dealt: Dealt, most_kwh: tuple[float, float], *, idle: bool) -> Dealt:
    """Do by order what prices could not."""
    fleet, state = dealing.situation.fleet, dealing.situation.state
    reach_kwh = battery.reach(fleet, state)
    if idle:
        reach_kwh = np.zeros(fleet.homes_count), np.zeros(fleet.homes_count)
    flows, fewer_kwh = _shed(dealt.flows, most_kwh[0], reach_kwh[0])
    flows, more_kwh = _spilt(flows, most_kwh[1], reach_kwh[1])
    wanted_kwh = dealt.battery_kwh - fewer_kwh + more_kwh
    battery_kwh, after = battery.carry_out(fleet, state, wanted_kwh)
    flows = replace(
        flows,
        charge_kwh=np.maximum(battery_kwh, 0.0),
        discharge_kwh=np.maximum(-battery_kwh, 0.0),
    )
    return replace(dealt, battery_kwh=battery_kwh, after=after, flows=flows)


def _shed(flows: Flows, most_kwh: float, lowest_kwh: Floats) -> tuple[Flows, Floats]:
    """Cut imports: charging first, then out of batteries, then load; (n,) each.

    Returns the flows but for the batteries', and what those take less.
    """
    left, (spared, given, dark) = _cut(
        flows.import_kwh,
        most_kwh,
        (flows.charge_kwh, -lowest_kwh - flows.discharge_kwh, flows.load_kwh - flows.unserved_kwh),
    )
    unserved_kwh = flows.unserved_kwh + dark
    return replace(flows, import_kwh=left, unserved_kwh=unserved_kwh), spared + given


def _spilt(flows: Flows, most_kwh: float, highest_kwh: Floats) -> tuple[Flows, Floats]:
    """Cut exports: out of batteries first, then into them, then of the panels; (n,) each.

    Returns the flows but for the batteries', and what those take more.
    """
    left, (spared, taken, wasted) = _cut(
        flows.export_kwh,
        most_kwh,
        (flows.discharge_kwh, highest_kwh - flows.charge_kwh, flows.pv_kwh - flows.curtailed_kwh),
    )
    curtailed_kwh = flows.curtailed_kwh + wasted
    return replace(flows, export_kwh=left, curtailed_kwh=curtailed_kwh), spared + taken


def _cut(
    flow_kwh: Floats, most_kwh: float, possible_kwh: tuple[Floats, ...]
) -> tuple[Floats, list[Floats]]:
    """Bring a flow to what all may have, by one means after the other; what is left, and each cut.

    ``possible_kwh`` says what each means can do in each home, (n,).
    """
    over_kwh, cuts = float(flow_kwh.sum()) - most_kwh, []
    for means_kwh in possible_kwh:
        cut = _portions(np.minimum(flow_kwh, means_kwh), over_kwh)
        flow_kwh = flow_kwh - cut
        over_kwh -= float(cut.sum())
        cuts.append(cut)
    return flow_kwh, cuts


def _portions(possible_kwh: Floats, wanted_kwh: float) -> Floats:
    """Split what is wanted in proportion to what is possible, (n,) [kWh]."""
    possible_kwh = np.maximum(possible_kwh, 0.0)  # rounding
    total_kwh = float(possible_kwh.sum())
    if wanted_kwh <= 0.0 or total_kwh <= 0.0:
        return np.zeros_like(possible_kwh)
    return possible_kwh * min(1.0, wanted_kwh / total_kwh)
