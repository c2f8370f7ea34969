"""Electric cars: what is driven by day is charged at home, where and when they are plugged in.

h is the number of homes, D of days, T of steps.
"""

import numpy as np

from profiles.arrays import Floats
from profiles.synthetic.days import Days
from profiles.synthetic.draws import Purpose, daily
from profiles.synthetic.events import spread
from profiles.synthetic.homes import Homes
from profiles.synthetic.presence import Presence

BATTERY_KWH = 60.0  # what is driven beyond it is charged elsewhere


def ev_charging_kwh(homes: Homes, days: Days, seed: int, presence: Presence) -> Floats:
    """Charge cars, shape (h, T) [kWh]: nothing but zeros where there is none."""
    start, minutes = sessions(homes, days, seed, presence)
    power_kw = homes.charger_kw[:, None]
    return spread(start, minutes, power_kw, days.steps_count, days.step_minutes)


def sessions(homes: Homes, days: Days, seed: int, presence: Presence) -> tuple[Floats, Floats]:
    """Find when cars charge.

    Returns
    -------
    start_minute, minutes : ndarray, shape (h, D)
        Start of each day's session in minutes of the record, and its length [min], 0 without one.

    Notes
    -----
    A car is plugged in on returning once enough is missing from its battery, and charged at full
    power until that is back or it leaves again the next day; what is still missing then is left
    for the next session. A timer puts the start off to a quarter past midnight.
    """
    drawn = daily(seed, Purpose.DRIVING, homes.home_ids, days.count, 3)
    used_kwh = _used_kwh(homes, days, presence, drawn)
    midnight = days.minute(np.broadcast_to(1455.0, used_kwh.shape))
    back = presence.return_minute + 15.0 * drawn[2]
    start = np.where(homes.timer[:, None] > 0.0, np.maximum(midnight, back), back)
    end_of_record = float(days.steps_count * days.step_minutes)
    leaves = np.hstack([presence.leave_minute[:, 1:], np.full((start.shape[0], 1), end_of_record)])
    power_kw = homes.charger_kw
    minutes = np.zeros(start.shape)
    missing_kwh = np.zeros(start.shape[0])
    for day in range(days.count):
        missing_kwh = np.minimum(missing_kwh + used_kwh[:, day], BATTERY_KWH)
        plugged = (power_kw > 0.0) & (missing_kwh > homes.plug_in_kwh) & ~presence.away[:, day]
        room_kwh = power_kw * np.maximum(leaves[:, day] - start[:, day], 0.0) / 60.0
        charged_kwh = np.where(plugged, np.minimum(missing_kwh, room_kwh), 0.0)
        minutes[:, day] = 60.0 * charged_kwh / np.maximum(power_kw, 1.0)
        missing_kwh = missing_kwh - charged_kwh
    return start, minutes


def _used_kwh(homes: Homes, days: Days, presence: Presence, drawn: Floats) -> Floats:
    """Energy driven each day, counted at the plug, (h, D) [kWh]."""
    driven = presence.out & (presence.called | days.free | (drawn[0] < 0.8))
    share = np.where(presence.called, 0.7 + 0.6 * drawn[1], 0.2 + 1.2 * drawn[1])
    return np.asarray(np.where(driven, homes.drive_kwh[:, None] * share, 0.0))
