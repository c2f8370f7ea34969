"""How ready every home is to trade: a score from 0 to 100, and a light.

n homes. Both are kept for every home and step of every arm; only the strategies `score_rule` and
`score_rule_corrected` act on the score, and nobody on the light.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.decisions import Situation
from profiles.arrays import Floats

RED, NEITHER, GREEN = -1, 0, 1

_ROUNDING = 1e-9  # a battery at a limit is at the limit


@dataclass(frozen=True, slots=True)
class Rating:
    """What n homes are rated."""

    score: Floats  # (n,) 0 to 100
    light: NDArray[np.int8]  # (n,) RED, GREEN or NEITHER


def rate(situation: Situation) -> Rating:
    """Rate all homes by what they hold and what the next three hours need.

    The score adds up four parts. Up to 40 points for what there is to trade, |energy held less
    need|, all of them from 10 kWh on. 20 points times the state of health. Up to 20 for the market:
    10 times its price over the grid's for a home that holds more than it needs, the inverse for
    one that needs more. 20 points for a charge of 40 to 70 %, 15 for 30 to 80 %, 10 for 20 to 90 %
    and 5 for any other. A home without a battery has neither charge nor health.

    The light is red below 30 % of charge, or where the need exceeds what is held by more than 1
    kWh; green from 60 % on where what is held covers the need; and neither between the two.
    """
    fleet, state, need_kwh = situation.fleet, situation.state, situation.near.need_kwh
    available_kwh = situation.held_kwh * fleet.discharge_efficiency_fraction
    spare_kwh = available_kwh - need_kwh
    owned = fleet.capacity_kwh > 0.0
    charge = state.stored_kwh / np.where(owned, fleet.capacity_kwh, 1.0)
    price, grid = (
        situation.near.price_cents_per_kwh,
        float(situation.prices.tariff_cents_per_kwh[0]),
    )
    score = 4.0 * np.minimum(np.abs(spare_kwh), 10.0)
    score += 20.0 * owned * state.health_fraction(fleet)
    score += np.where(spare_kwh > 0.0, _points(price, grid), _points(grid, price))
    score += 5.0
    for low, high in ((0.2, 0.9), (0.3, 0.8), (0.4, 0.7)):
        score += 5.0 * ((charge >= low - _ROUNDING) & (charge <= high + _ROUNDING))
    red = (charge < 0.3 - _ROUNDING) | (spare_kwh < -1.0)
    green = (charge >= 0.6 - _ROUNDING) & (spare_kwh >= 0.0)
    return Rating(score, green.astype(np.int8) - red.astype(np.int8))


def _points(price: float, other: float) -> float:
    """Ten times a price over another, within 0 to 20; all 20 over one that is not above 0."""
    if price == other:
        return 10.0
    return min(max(10.0 * price / other, 0.0), 20.0) if other > 0.0 else 20.0
