"""What a thermostat switches: the air conditioner and the water heater.

h is the number of homes, D of days, T of steps. Both follow from step to step what they heat or
cool; only additions, products and comparisons are used, which are exact to the bit however many
homes are computed together.
"""

from math import exp

import numpy as np

from profiles.arrays import Floats
from profiles.synthetic.days import Days
from profiles.synthetic.draws import Purpose, daily
from profiles.synthetic.events import spread
from profiles.synthetic.homes import Homes
from profiles.synthetic.presence import Presence

LOCKOUT_C = 21.0  # cooler air is let in through the windows instead
_BAND_K = 0.5  # the air conditioner runs from this much above the setpoint to this much below
_SETBACK_K = 1.5  # warmer while nobody is at home
_HEATED_TO_C = 18.5  # by other means than electricity
_INNER_KW = 0.4  # heat of people and appliances
_OPEN_WINDOWS = 5.0  # times the exchange of closed ones
_RATED_C, _LOST_PER_K = 28.0, 0.022  # what a degree more outside costs in efficiency
_TANK_LOSS_KW = 0.06
_TANK_BAND_KWH = 1.2  # heat that is drawn before the thermostat reacts


def air_conditioning_kwh(
    homes: Homes, days: Days, presence: Presence, temperature_c: Floats, ghi_w_per_m2: Floats
) -> Floats:
    """Cool each house, a body of one temperature, whenever it gets too warm.

    Parameters
    ----------
    homes : Homes
        The h homes.
    days : Days
        The T steps.
    presence : Presence
        Says when the setpoint is that of an empty home.
    temperature_c, ghi_w_per_m2 : ndarray, shape (T,)
        Air outside [C]; irradiance, which comes in through the windows.

    Returns
    -------
    ndarray, shape (h, T)
        Electricity per step [kWh].

    Notes
    -----
    The house drifts towards the temperature outside plus what sun and people add, with the time
    constant `inertia_hours`. Above the band the air conditioner cools as far as its lower edge,
    or as far as its capacity goes in the step.
    """
    hours, leak = days.step_hours, homes.leak_kw_per_k
    closed = np.array([exp(-hours / tau) for tau in homes.inertia_hours.tolist()])
    opened = np.array([exp(-_OPEN_WINDOWS * hours / tau) for tau in homes.inertia_hours.tolist()])
    most_k = homes.cooling_kw / leak * (1.0 - closed)  # that a step of cooling takes off
    sun_k = homes.glass_m2 / leak / 1000.0  # per W/m2
    empty = _empty(days, presence)  # (T, h)
    share = np.zeros((days.steps_count, homes.home_ids.size))
    inside = np.full(homes.home_ids.size, _HEATED_TO_C)
    owned = homes.ac_kw > 0.0
    for step, (air_c, sun) in enumerate(zip(temperature_c, ghi_w_per_m2, strict=True)):
        target = homes.setpoint_c + _SETBACK_K * empty[step]
        airing = (air_c < inside) & (inside > target - 2.0)
        drift_c = air_c + np.where(airing, 0.0, _INNER_KW / leak + sun_k * sun)
        inside = drift_c + (inside - drift_c) * np.where(airing, opened, closed)
        if air_c > LOCKOUT_C:
            too_warm = owned & (inside > target + _BAND_K)
            taken_k = np.where(too_warm, np.minimum(inside - target + _BAND_K, most_k), 0.0)
            inside = inside - taken_k
            share[step] = taken_k / most_k
        inside = np.maximum(inside, _HEATED_TO_C)
    effort = np.maximum(1.0 + _LOST_PER_K * (temperature_c - _RATED_C), 0.8)
    return np.asarray((share * effort[:, None] * homes.ac_kw).T * hours)


def _empty(days: Days, presence: Presence) -> Floats:
    """Tell when nobody is at home, (T, h); sleepers are at home."""
    hours = np.where(presence.out, presence.return_minute - presence.leave_minute, 0.0)
    gone = spread(presence.leave_minute, hours, np.ones(1), days.steps_count, days.step_minutes)
    gone_fraction = np.minimum(gone / days.step_hours, 1.0)
    return np.asarray(np.where(presence.away[:, days.row], 1.0, gone_fraction).T)


def water_heater_kwh(homes: Homes, days: Days, seed: int, presence: Presence) -> Floats:
    """Heat water again when enough of it has been drawn, shape (h, T) [kWh]."""
    drawn_kwh = _hot_water(homes, days, seed, presence).T  # (T, h)
    owned = homes.tank_kw > 0.0
    most_kwh = homes.tank_kw * homes.tank_gain * days.step_hours
    missing = np.full(homes.home_ids.size, 0.5 * _TANK_BAND_KWH)
    heated = np.zeros(drawn_kwh.shape)
    heating = np.zeros(homes.home_ids.size, dtype=np.bool_)
    for step in range(days.steps_count):
        missing = missing + drawn_kwh[step] + _TANK_LOSS_KW * days.step_hours
        heating = owned & (heating | (missing > _TANK_BAND_KWH))
        heated[step] = np.where(heating, np.minimum(missing, most_kwh), 0.0)
        missing = missing - heated[step]
        heating = heating & (missing > 0.0)
    return np.asarray((heated / homes.tank_gain).T)


def _hot_water(homes: Homes, days: Days, seed: int, presence: Presence) -> Floats:
    """Heat of the water drawn, (h, T): showers after waking or before sleep, dishes at noon."""
    drawn = daily(seed, Purpose.BATHING, homes.home_ids, days.count, 5)
    day_kwh = homes.persons * homes.bath_kwh  # (h,)
    morning = 0.35 + 0.3 * drawn[0]
    evening = 0.85 - morning
    sizes = np.stack([morning, evening, np.full_like(morning, 0.15)]) * (0.7 + 0.6 * drawn[4])
    starts = np.stack(
        [
            presence.wake_minute + 10.0 + 40.0 * drawn[1],
            presence.sleep_minute - 30.0 - 120.0 * drawn[2],
            np.maximum(presence.return_minute, presence.wake_minute + 300.0) + 60.0 * drawn[3],
        ]
    )
    kwh = np.zeros((homes.home_ids.size, days.steps_count))
    for start, size in zip(starts, sizes, strict=True):
        minutes = np.where(presence.away, 0.0, 30.0)
        power_kw = 2.0 * day_kwh[:, None] * size
        kwh += spread(start, minutes, power_kw, days.steps_count, days.step_minutes)
    return kwh
