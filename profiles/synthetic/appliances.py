"""What runs because people are at home: kitchen, laundry, lights, screens.

h is the number of homes, D of days, T of steps; energy is per step, shape (h, T) [kWh].
"""

import numpy as np

from profiles.arrays import Floats
from profiles.synthetic.days import Days
from profiles.synthetic.draws import Purpose, bell, bustle, daily
from profiles.synthetic.events import spread
from profiles.synthetic.homes import Homes
from profiles.synthetic.presence import Presence

# How busy people are while they are up, by hour of the wall clock: a mean of about 1.
_BUSY = np.array(
    [0.7, 0.6, 0.6, 0.6, 0.7, 0.8, 0.9, 1.0, 1.0, 1.0, 0.9, 0.9,
     0.9, 0.9, 0.9, 0.9, 1.0, 1.1, 1.2, 1.3, 1.3, 1.2, 1.1, 0.9]
)  # fmt: skip
_LIT_BELOW_W_PER_M2 = 120.0  # lamps are lit in proportion as less daylight than this comes in
_POOL_MINUTES = 300.0  # that the water is pumped a day
_FRIDGE_DUTY = 0.4  # share of a cycle in which the compressor runs
_LAMPS_FRACTION = 0.35  # of what an active home uses, when it is dark


def misc_kwh(
    homes: Homes, days: Days, seed: int, presence: Presence, ghi_w_per_m2: Floats
) -> Floats:
    """Add up standby, a pool pump, lights, cooking aids, entertainment and the rest."""
    noise = bustle(seed, Purpose.PLUGS, homes.home_ids, days.steps_count, 1.5)
    busy = _BUSY[days.local.minute // 60]
    dark = np.clip(1.0 - ghi_w_per_m2 / _LIT_BELOW_W_PER_M2, 0.0, 1.0)
    active = presence.active_fraction * homes.active_kw[:, None]
    used_kw = active * (noise * busy * (1.0 - _LAMPS_FRACTION) + _LAMPS_FRACTION * dark)
    start = days.minute(np.repeat(homes.pool_minute[:, None], days.count, axis=1))
    minutes = np.where(homes.pool_kw[:, None] > 0.0, np.full(start.shape, _POOL_MINUTES), 0.0)
    frame = days.steps_count, days.step_minutes
    pool = spread(start, minutes, homes.pool_kw[:, None], *frame)
    return np.asarray((homes.plugs_kw[:, None] + used_kw) * days.step_hours + pool)


def computers_kwh(homes: Homes, days: Days, seed: int, presence: Presence) -> Floats:
    """Run the router, and computers through the day where somebody works at home."""
    noise = bustle(seed, Purpose.SCREENS, homes.home_ids, days.steps_count, 3.0)
    hour = days.local.minute // 60
    at_desk = (hour >= 8) & (hour < 17) & ~days.free[days.row]
    use = np.where(at_desk, 1.0, np.where(hour >= 17, 0.7, 0.35))
    used_kw = presence.active_fraction * homes.screens_kw[:, None] * use * noise
    return np.asarray((0.015 + used_kw) * days.step_hours)


def fridge_kwh(homes: Homes, days: Days, temperature_c: Floats) -> Floats:
    """Cycle compressors all day, a little longer where the kitchen is warm."""
    period = homes.fridge_cycle_minutes[:, None]
    at = np.arange(days.steps_count + 1) * float(days.step_minutes)
    turns = at / period + homes.fridge_phase_fraction[:, None]
    running = np.floor(turns) + np.minimum((turns - np.floor(turns)) / _FRIDGE_DUTY, 1.0)
    cycle_kwh = homes.fridge_kw[:, None] * _FRIDGE_DUTY * period / 60.0
    warm = np.clip(1.0 + 0.012 * (temperature_c - 18.0), 0.9, 1.3)
    return np.asarray(np.diff(running, axis=1) * cycle_kwh * warm)


def laundry_kwh(homes: Homes, days: Days, seed: int, presence: Presence) -> Floats:
    """Wash, and dry after each load where the dryer is electric."""
    drawn = daily(seed, Purpose.LAUNDRY, homes.home_ids, days.count, 4)
    washes = (0.12 + 0.11 * homes.persons[:, None]) * np.where(days.free, 1.7, 0.8)
    evening = presence.return_minute + 150.0 * drawn[1]
    daytime = presence.wake_minute + 60.0 + 480.0 * drawn[1]
    start = np.where(presence.called, evening, daytime)
    second = (drawn[2] < 0.3) & days.free  # a second load follows the first
    happens = (drawn[0] < washes) & ~presence.away
    starts = np.hstack([start, start + 55.0])
    loads = np.hstack([happens, happens & second])
    length = np.hstack([35.0 + 15.0 * drawn[3]] * 2)  # of the dryer
    frame = days.steps_count, days.step_minutes
    washer = spread(starts, np.where(loads, 50.0, 0.0), homes.washer_kwh[:, None] * 1.2, *frame)
    dries = loads & (homes.dryer_kw[:, None] > 0.0)
    dryer = spread(starts + 55.0, np.where(dries, length, 0.0), homes.dryer_kw[:, None], *frame)
    return washer + dryer


def dishwasher_kwh(homes: Homes, days: Days, seed: int, presence: Presence) -> Floats:
    """Run after dinner on many evenings, heating for washing and again for rinsing."""
    drawn = daily(seed, Purpose.DISHES, homes.home_ids, days.count, 2)
    owned = homes.dishwasher_kw[:, None] > 0.0
    happens = (drawn[0] < 0.25 + 0.09 * homes.persons[:, None]) & ~presence.away & owned
    start = np.maximum(presence.sleep_minute - 200.0 + 180.0 * drawn[1], presence.return_minute)
    heats = np.hstack([start + 8.0, start + 62.0])
    minutes = np.where(np.hstack([happens, happens]), 22.0, 0.0)
    frame = days.steps_count, days.step_minutes
    motor = spread(start, np.where(happens, 100.0, 0.0), np.full(1, 0.05), *frame)
    return motor + spread(heats, minutes, homes.dishwasher_kw[:, None], *frame)


def stove_kwh(homes: Homes, days: Days, seed: int, presence: Presence) -> Floats:
    """Cook breakfast, lunch where somebody is in, and dinner."""
    drawn = daily(seed, Purpose.COOKING, homes.home_ids, days.count, 11)
    owned = (homes.stove_kw[:, None] > 0.0) & ~presence.away
    breakfast = presence.wake_minute + 10.0 + 30.0 * drawn[1]
    lunch = days.minute(720.0 + 75.0 * drawn[3])
    inside = ~presence.out | (lunch < presence.leave_minute) | (lunch > presence.return_minute)
    dinner = days.minute(1110.0 + 28.0 * bell(drawn[5:8]))
    dinner = np.maximum(dinner, presence.return_minute + 15.0)
    happens = (drawn[0] < 0.30, (drawn[2] < 0.30) & inside, drawn[4] < 0.72)
    minutes = (6.0 + 8.0 * drawn[8], 10.0 + 15.0 * drawn[9], 20.0 + 30.0 * drawn[10])
    lasting = [np.where(h & owned, m, 0.0) for h, m in zip(happens, minutes, strict=True)]
    return spread(
        np.hstack([breakfast, lunch, dinner]),
        np.hstack(lasting),
        homes.stove_kw[:, None],
        days.steps_count,
        days.step_minutes,
    )
