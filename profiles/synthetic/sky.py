"""Weather of a community, drawn at random: seasons, heat waves and clouds that last.

T is the number of steps, K of days by the sun. All homes share the weather.
"""

from dataclasses import dataclass
from itertools import accumulate
from math import exp
from statistics import NormalDist

import numpy as np

from profiles.arrays import Floats
from profiles.config import SyntheticConfig
from profiles.synthetic.clear_sky import ClearSky, clear_sky
from profiles.synthetic.days import Days
from profiles.synthetic.draws import Purpose, stream

_SECONDS_PER_DAY = 86_400
_SECONDS_PER_DEGREE = 240.0  # by which the sun is earlier further east
_DAYS_PER_YEAR = 365.2425
_WARMEST_DAY = 217.0  # of the year, early in August; half a year later in the south
_COLDEST_HOUR, _WARMEST_HOUR = 5.5, 15.5  # by the sun

_DAY_TO_DAY = 0.75  # share of a day's departure from the season that the next day keeps
_DAY_SPREAD_C = 2.6
_CLOUD_DAY_TO_DAY = 0.6
_CLOUD_DAY_WEIGHT = 0.8  # of the day in how cloudy it is; passing clouds bring the rest
_CLOUD_HOURS = 2.5  # after which passing clouds are forgotten, in the mean
_CLOUD_WIDTH = 1.1  # from a clear to a covered sky, in standard deviations
_DULL_FRACTION = 0.5  # of the daily swing that a covered sky takes away
_WAVES_PER_YEAR = 4.0  # that begin, all in the warm half


@dataclass(frozen=True, slots=True, eq=False)
class Weather:
    """What the sky does; every field but `sun` is (T,)."""

    sun: ClearSky
    temperature_c: Floats
    cloud_fraction: Floats  # of the sky
    ghi_w_per_m2: Floats
    dni_w_per_m2: Floats
    dhi_w_per_m2: Floats

    def columns(self) -> dict[str, Floats]:
        """Give the columns that profiles carry."""
        return {
            "temperature_c": self.temperature_c,
            "cloud_fraction": self.cloud_fraction,
            "ghi_w_per_m2": self.ghi_w_per_m2,
            "dni_w_per_m2": self.dni_w_per_m2,
            "dhi_w_per_m2": self.dhi_w_per_m2,
            "clear_sky_ghi_w_per_m2": self.sun.ghi_w_per_m2,
        }


def weather_of(config: SyntheticConfig, days: Days, seed: int) -> Weather:
    """Draw the weather of a record.

    Parameters
    ----------
    config : SyntheticConfig
        The place and its climate.
    days : Days
        The steps.
    seed : int
        Of the run.

    References
    ----------
    .. [1] F. Kasten and G. Czeplak, "Solar and terrestrial radiation dependent on the amount and
       type of cloud," Solar Energy 24(2), 1980: clouds dim the sun by 0.75 of their share to 3.4.
    """
    sun = clear_sky(
        days.start_utc,
        days.step_minutes,
        days.steps_count,
        config.latitude_degrees,
        config.longitude_degrees,
    )
    at = _solar_days(days, config.longitude_degrees)  # (T,)
    numbers = np.arange(np.floor(at[0]) - 1.0, np.floor(at[-1]) + 3.0)  # (K,)
    noons = numbers + 0.5
    season = _season(numbers, config.latitude_degrees)
    drawn = stream(seed, Purpose.CLIMATE).standard_normal((numbers.size, 2))

    clouds_of_day = _persistent(drawn[:, 0], _CLOUD_DAY_TO_DAY)
    limits = _cloud_limits(config, season)
    cloud = _clouds(days, seed, np.interp(at, noons, clouds_of_day), np.interp(at, noons, limits))

    means_c = config.temperature_mean_c + config.temperature_season_c * season
    means_c = means_c + _DAY_SPREAD_C * _persistent(drawn[:, 1], _DAY_TO_DAY)
    means_c = means_c + config.heat_wave_c * _heat_waves(season, seed)
    dull_fraction = _DULL_FRACTION * _share(clouds_of_day, limits)
    swings_c = config.temperature_day_c * (1.0 - dull_fraction)
    temperature_c = np.interp(at, noons, means_c) + np.interp(at, noons, swings_c) * _day_shape(at)

    ghi = sun.ghi_w_per_m2 * (1.0 - 0.75 * cloud**3.4)
    # A cloud hides the beam altogether; what is left of the whole comes from the sky. That is
    # never less than nothing, for 0.75 c^3.4 is at most c.
    dni = sun.dni_w_per_m2 * (1.0 - cloud)
    height = np.maximum(np.cos(np.radians(sun.zenith_degrees)), 0.0)
    dhi = np.where(cloud > 0.0, np.maximum(ghi - dni * height, 0.0), sun.dhi_w_per_m2)
    return Weather(sun, temperature_c, cloud, ghi, dni, dhi)


def _solar_days(days: Days, longitude_degrees: float) -> Floats:
    """Days since 1970 in the middle of each step, by the mean sun of the place, (T,)."""
    first = float(days.start_utc.astype("datetime64[s]").astype(np.int64))
    seconds = first + 60.0 * days.step_minutes * (np.arange(days.steps_count) + 0.5)
    return np.asarray((seconds + _SECONDS_PER_DEGREE * longitude_degrees) / _SECONDS_PER_DAY)


def _season(numbers: Floats, latitude_degrees: float) -> Floats:
    """Give 1 on the warmest day of the year and -1 half a year from it, (K,)."""
    warmest = _WARMEST_DAY + (0.0 if latitude_degrees >= 0.0 else _DAYS_PER_YEAR / 2.0)
    return np.asarray(np.cos(2.0 * np.pi * (numbers - warmest) / _DAYS_PER_YEAR))


def _persistent(drawn: Floats, kept_fraction: float) -> Floats:
    """Let each number keep a share of the one before, all of variance 1 (AR of order 1)."""
    fresh = (1.0 - kept_fraction**2) ** 0.5
    series = accumulate(drawn.tolist(), lambda last, new: kept_fraction * last + fresh * new)
    return np.array(list(series))


def _cloud_limits(config: SyntheticConfig, season: Floats) -> Floats:
    """Find what a standard normal must exceed for half a covered sky, (K,).

    The share of sky is a ramp of the number, so its mean is that of a normal widened by the ramp.
    """
    share = config.cloud_mean_fraction - config.cloud_season_fraction * season
    widened = (1.0 + _CLOUD_WIDTH**2 / 12.0) ** 0.5
    standard = NormalDist()
    return np.array(
        [widened * standard.inv_cdf(1.0 - s) for s in np.clip(share, 1e-9, 1.0 - 1e-9).tolist()]
    )


def _share(number: Floats, limit: Floats) -> Floats:
    return np.asarray(np.clip(0.5 + (number - limit) / _CLOUD_WIDTH, 0.0, 1.0))


def _clouds(days: Days, seed: int, of_day: Floats, limit: Floats) -> Floats:
    """Draw the share of the sky that is covered, (T,)."""
    kept_fraction = exp(-days.step_hours / _CLOUD_HOURS)
    drawn = stream(seed, Purpose.CLOUDS).standard_normal(days.steps_count)
    passing = _persistent(drawn, kept_fraction)
    weight = _CLOUD_DAY_WEIGHT
    return _share(weight * of_day + (1.0 - weight**2) ** 0.5 * passing, limit)


def _heat_waves(season: Floats, seed: int) -> Floats:
    """Draw heat waves of 3 to 6 days as a share of the usual size, (K,); at most 1.3."""
    drawn = stream(seed, Purpose.HEAT_WAVES).random((season.size, 3))
    per_day = _WAVES_PER_YEAR * np.pi / _DAYS_PER_YEAR * np.maximum(season, 0.0)
    waves = np.zeros(season.size + 6)
    for day in np.flatnonzero(drawn[:, 0] < per_day).tolist():
        length = 3 + int(4.0 * drawn[day, 1])
        size = np.full(length, 0.7 + 0.6 * drawn[day, 2])
        size[[0, -1]] *= 0.6  # the heat comes and goes within a day or two
        waves[day : day + length] = np.maximum(waves[day : day + length], size)
    return waves[: season.size]


def _day_shape(at: Floats) -> Floats:
    """Give -1 at the coldest and 1 at the warmest hour by the sun, smooth between them, (T,)."""
    hour = at % 1.0 * 24.0
    rise_hours = _WARMEST_HOUR - _COLDEST_HOUR
    rising = -np.cos(np.pi * (hour - _COLDEST_HOUR) / rise_hours)
    since_warmest = (hour - _WARMEST_HOUR) % 24.0
    falling = np.cos(np.pi * since_warmest / (24.0 - rise_hours))
    return np.where((hour >= _COLDEST_HOUR) & (hour < _WARMEST_HOUR), rising, falling)
