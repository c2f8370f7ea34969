"""Generated homes: people, appliances, weather and panels, from a seed.

T is the number of steps, n of homes, h of homes in a block. `docs/synthetic.md` tells the model.
What a home does depends on the seed, its id and the community's weather, never on other homes:
its draws come from streams of its own, and after them homes meet only in sums and products, which
are exact to the bit however many stand in an array.
"""

from collections.abc import Callable

import numpy as np

from profiles.arrays import Floats
from profiles.checking import checked
from profiles.config import SyntheticConfig
from profiles.errors import InputError
from profiles.profiles import STEP_MINUTES, Origin, Profiles
from profiles.synthetic import appliances, cars, clear_sky, homes, household_types, sky, thermostats
from profiles.synthetic.clear_sky import Panels
from profiles.synthetic.days import Days, days_of
from profiles.synthetic.homes import Homes
from profiles.synthetic.presence import presence_of
from profiles.synthetic.sky import Weather

APPLIANCES = (
    "fridge",
    "washing_machine",
    "dishwasher",
    "ev_charging",
    "ac",
    "stove",
    "water_heater",
    "computers",
    "misc",
)
"""What the load is made of, in the order in which it is added up."""

_BLOCK_VALUES = 2_000_000  # home-steps computed at once, which bounds the memory


def generate(
    config: SyntheticConfig,
    step_minutes: int,
    seed: int,
    *,
    by_appliance: bool = True,
    told: Callable[[int, int], None] | None = None,
) -> Profiles:
    """Generate a community.

    Parameters
    ----------
    config : SyntheticConfig
        Which homes, where and when.
    step_minutes : int
        Length of a step, 15, 30 or 60 [min].
    seed : int
        At least 0; the same seed gives the same bytes.
    by_appliance : bool
        Keep what each appliance used, which takes most of the memory, and not only their sum.
    told : callable, optional
        Told how many homes are done and how many there are, now and then.

    Returns
    -------
    Profiles
        Homes 1 to n with their kinds, load by appliance, generation and the weather.

    Raises
    ------
    InputError
        If the zone or the holidays of a place are unknown, or `step_minutes` is another number.
    """
    if step_minutes not in STEP_MINUTES:
        limit = " or ".join(map(str, STEP_MINUTES))
        raise InputError(f"synthetic: step_minutes: must be {limit} (got {step_minutes})")
    off = config.holidays_country, config.holidays_subdivision
    days = days_of(config.start, config.days, step_minutes, config.zone, off)
    weather = sky.weather_of(config, days, seed)
    kinds = household_types.names(config.count, config.types)
    everybody = homes.draw(
        seed,
        kinds,
        (config.pv_fraction, config.ev_fraction),
        (config.pv_kw_min, config.pv_kw_max),
        180.0 if config.latitude_degrees >= 0.0 else 0.0,
    )
    shape = days.steps_count, config.count
    used_kwh = {name: np.zeros(shape) for name in APPLIANCES} if by_appliance else {}
    load_kwh, pv_kwh = np.zeros(shape), np.zeros(shape)
    block_size = max(1, _BLOCK_VALUES // days.steps_count)
    for first in range(0, config.count, block_size):
        rows = slice(first, min(first + block_size, config.count))
        some = homes.block(everybody, rows)
        lived_kwh = _used_kwh(some, days, seed, weather)
        for name in APPLIANCES:
            load_kwh[:, rows] += lived_kwh[name].T
            if by_appliance:
                used_kwh[name][:, rows] = lived_kwh[name].T
        pv_kwh[:, rows] = _pv_kwh(some, days, weather).T
        if told is not None:
            told(rows.stop, config.count)
    return checked(
        Profiles(
            home_ids=everybody.home_ids,
            start_utc=days.start_utc,
            step_minutes=step_minutes,
            zone=config.zone,
            load_kwh=load_kwh,
            pv_kwh=pv_kwh,
            appliances_kwh=used_kwh,
            weather=weather.columns(),
            home_types=kinds,
            origin=Origin(resampling="generated in steps of the run"),
        ),
        "synthetic",
    )


def _used_kwh(some: Homes, days: Days, seed: int, weather: Weather) -> dict[str, Floats]:
    """Live the days of a block of homes: energy by appliance, (h, T) each."""
    presence = presence_of(some, days, seed)
    air_c, sun = weather.temperature_c, weather.ghi_w_per_m2
    return {
        "fridge": appliances.fridge_kwh(some, days, air_c),
        "washing_machine": appliances.laundry_kwh(some, days, seed, presence),
        "dishwasher": appliances.dishwasher_kwh(some, days, seed, presence),
        "ev_charging": cars.ev_charging_kwh(some, days, seed, presence),
        "ac": thermostats.air_conditioning_kwh(some, days, presence, air_c, sun),
        "stove": appliances.stove_kwh(some, days, seed, presence),
        "water_heater": thermostats.water_heater_kwh(some, days, seed, presence),
        "computers": appliances.computers_kwh(some, days, seed, presence),
        "misc": appliances.misc_kwh(some, days, seed, presence, sun),
    }


def _pv_kwh(some: Homes, days: Days, weather: Weather) -> Floats:
    """Let the sun shine on the roofs of a block of homes, (h, T)."""
    pv_kwh = np.zeros((some.home_ids.size, days.steps_count))
    lit = np.flatnonzero(weather.sun.ghi_w_per_m2 > 0.0)
    sun = weather.sun.at(lit)
    sky_w_per_m2 = weather.ghi_w_per_m2[lit], weather.dhi_w_per_m2[lit], weather.dni_w_per_m2[lit]
    # Home by home, for sines and cosines may differ in the last bit with the place in an array.
    for row in np.flatnonzero(some.pv_kw > 0.0).tolist():
        panels = Panels(
            float(some.pv_kw[row]),
            float(some.tilt_degrees[row]),
            float(some.azimuth_degrees[row]),
        )
        power_kw = clear_sky.pv_kw(panels, sun, sky_w_per_m2, weather.temperature_c[lit])
        pv_kwh[row, lit] = power_kw * days.step_hours
    return pv_kwh
