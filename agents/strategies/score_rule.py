"""Buy or sell up to 2 kWh where the score is high, by where the price is going.

| score | price expected over three hours | as it is written | corrected |
|---|---|---|---|
| above 75 | below now | buy | sell |
| above 75 | above now | sell | buy |
| above 75 | the same | hold | hold |
| 75 and below | any | hold | hold |

A home that sells discharges 2 kWh more than it needs itself, and one that buys charges 2 kWh on top
of its own surplus; what no neighbour takes or brings is the grid's. One that holds leaves its
battery to the home, as `self_use` does; so does one that would sell while the grid charges for what
it is sent. As it is written the rule buys before prices fall and sells before they rise;
`corrected` has the sign turned around. Both are kept to show what they cost.
"""

import numpy as np

from agents import battery, curves, scoring
from agents.decisions import Decisions, Situation

SCORE_MIN = 75.0
QUANTITY_KWH = 2.0  # AC


def decide(situation: Situation) -> Decisions:
    """Follow the rule as it is written, shapes (n,)."""
    near = situation.near
    return _traded(situation, np.sign(near.price_cents_per_kwh - near.price_ahead_cents_per_kwh))


def decide_corrected(situation: Situation) -> Decisions:
    """Follow the rule with its sign turned around, shapes (n,)."""
    near = situation.near
    return _traded(situation, np.sign(near.price_ahead_cents_per_kwh - near.price_cents_per_kwh))


def _traded(situation: Situation, direction: float) -> Decisions:
    """Move 2 kWh, 1 buys and -1 sells, where the score is high; the connection must carry it."""
    fleet = situation.fleet
    spare_kwh = situation.pv_kwh - situation.load_kwh
    high = scoring.rate(situation).score > SCORE_MIN
    bought_kwh = np.maximum(spare_kwh, 0.0) + QUANTITY_KWH
    bought_kwh = np.minimum(bought_kwh, np.maximum(fleet.import_kwh_max + spare_kwh, spare_kwh))
    sold_kwh = np.minimum(spare_kwh, 0.0) - QUANTITY_KWH
    sold_kwh = np.maximum(sold_kwh, np.minimum(spare_kwh - fleet.export_kwh_max, spare_kwh))
    sells = direction < 0.0 <= situation.prices.export_cents_per_kwh[0]
    moved_kwh = bought_kwh if direction > 0.0 else sold_kwh
    wanted_kwh = np.where(high & (sells | (direction > 0.0)), moved_kwh, spare_kwh)
    set_point_kwh, _ = battery.carry_out(fleet, situation.state, wanted_kwh)
    return Decisions(set_point_kwh, curves.none(fleet.homes_count))
