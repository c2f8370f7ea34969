"""Sun and panels, by pvlib: the one place that knows it.

T is the number of steps. The sun of a step is that of its middle. Plain arrays go in and come out.
"""

import warnings
from dataclasses import dataclass, fields

import numpy as np

from profiles.arrays import Floats, Integers

_TEMPERATURE_COEFFICIENT = -0.0035  # of the power, per K: crystalline silicon
_PANELS_PER_INVERTER = 1.2  # rating of the panels over that of the inverter


@dataclass(frozen=True, slots=True, eq=False)
class ClearSky:
    """Where the sun stands and how it shines without clouds; every field is (T,)."""

    zenith_degrees: Floats  # apparent, 0 overhead
    azimuth_degrees: Floats  # from north, clockwise
    extra_w_per_m2: Floats  # beam above the atmosphere
    ghi_w_per_m2: Floats  # on level ground
    dni_w_per_m2: Floats  # beam, facing the sun
    dhi_w_per_m2: Floats  # from the sky, on level ground

    def at(self, steps: Integers) -> "ClearSky":
        """Keep some of the steps."""
        return ClearSky(**{field.name: getattr(self, field.name)[steps] for field in fields(self)})


def clear_sky(
    start_utc: np.datetime64,
    step_minutes: int,
    steps_count: int,
    latitude_degrees: float,
    longitude_degrees: float,
) -> ClearSky:
    """Look up the sun of a place.

    Parameters
    ----------
    start_utc : datetime64
        Start of the first step, UTC.
    step_minutes, steps_count : int
        Length [min] and number of the steps.
    latitude_degrees, longitude_degrees : float
        Of the place, north and east positive.

    References
    ----------
    .. [1] P. Ineichen and R. Perez, "A new airmass independent formulation for the Linke
       turbidity coefficient," Solar Energy 73, 2002; with the monthly turbidity of the place.
    .. [2] I. Reda and A. Andreas, "Solar position algorithm," NREL/TP-560-34302, 2003.
    """
    # They take a second to import, which only generated homes need to spend.
    import pandas as pd  # noqa: PLC0415
    import pvlib  # noqa: PLC0415

    middle = start_utc + np.timedelta64(30 * step_minutes, "s")
    steps = np.arange(steps_count) * np.timedelta64(60 * step_minutes, "s")
    times = pd.DatetimeIndex(middle + steps, tz="UTC")
    place = pvlib.location.Location(latitude_degrees, longitude_degrees)
    # pvlib 0.16 asks pandas 3.1 for the day of the year by a name that is to go.
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        sun = place.get_solarposition(times)
        sky = place.get_clearsky(times, model="ineichen", solar_position=sun)
        extra = pvlib.irradiance.get_extra_radiation(times)
    return ClearSky(
        zenith_degrees=sun["apparent_zenith"].to_numpy(),
        azimuth_degrees=sun["azimuth"].to_numpy(),
        extra_w_per_m2=extra.to_numpy(),
        ghi_w_per_m2=sky["ghi"].to_numpy(),
        dni_w_per_m2=sky["dni"].to_numpy(),
        dhi_w_per_m2=sky["dhi"].to_numpy(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Panels:
    """Panels of one roof."""

    rating_kw: float  # DC, under standard conditions
    tilt_degrees: float  # 0 is level
    azimuth_degrees: float  # from north, clockwise: 180 faces south


def pv_kw(
    panels: Panels, sun: ClearSky, sky: tuple[Floats, Floats, Floats], air_c: Floats
) -> Floats:
    """Compute what panels give.

    Parameters
    ----------
    panels : Panels
        Of one home.
    sun : ClearSky
        Where the sun stands.
    sky : tuple of ndarray, shape (T,)
        Irradiance under the clouds there are: global and diffuse on level ground, beam [W/m2].
    air_c : ndarray, shape (T,)
        Air temperature [C].

    Returns
    -------
    ndarray, shape (T,)
        AC power [kW]: transposed to the plane (Hay and Davies), cells warmed by the sun (Faiman,
        wind of 1 m/s), PVWatts with its 14 % of losses and an inverter of 1/1.2 of the rating.

    References
    ----------
    .. [1] A. P. Dobos, "PVWatts Version 5 Manual," NREL/TP-6A20-62641, 2014.
    .. [2] D. Faiman, "Assessing the outdoor operating temperature of photovoltaic modules,"
       Progress in Photovoltaics 16(4), 2008.
    """
    import pvlib  # noqa: PLC0415

    global_w_per_m2, diffuse_w_per_m2, beam_w_per_m2 = sky
    plane = pvlib.irradiance.get_total_irradiance(
        panels.tilt_degrees,
        panels.azimuth_degrees,
        sun.zenith_degrees,
        sun.azimuth_degrees,
        beam_w_per_m2,
        global_w_per_m2,
        diffuse_w_per_m2,
        dni_extra=sun.extra_w_per_m2,
        model="haydavies",
    )["poa_global"]
    cell_c = pvlib.temperature.faiman(plane, air_c)
    watts = 1000.0 * panels.rating_kw
    dc_w = pvlib.pvsystem.pvwatts_dc(plane, cell_c, watts, _TEMPERATURE_COEFFICIENT)
    dc_w = dc_w * (1.0 - pvlib.pvsystem.pvwatts_losses() / 100.0)
    # The rating of an inverter is meant as DC at full output here.
    ac_w = pvlib.inverter.pvwatts(dc_w, watts / _PANELS_PER_INVERTER)
    return np.asarray(np.nan_to_num(np.maximum(ac_w, 0.0)) / 1000.0)
