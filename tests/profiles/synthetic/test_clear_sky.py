"""Sun and panels against pvlib's own model chain."""

import numpy as np
import pandas as pd
import pytest
from pvlib.location import Location
from pvlib.modelchain import ModelChain
from pvlib.pvsystem import Array, FixedMount, PVSystem

from profiles.synthetic.clear_sky import ClearSky, Panels, clear_sky, pv_kw

FONTANA = (34.1, -117.4)
MIDNIGHT_UTC = np.datetime64("2018-06-21T07:00:00", "s")  # midnight in California


@pytest.fixture(scope="module")
def longest_day() -> ClearSky:
    return clear_sky(MIDNIGHT_UTC, 30, 48, *FONTANA)


# pvlib 0.16 asks pandas 3.1 for the day of the year by a name that is to go.
@pytest.mark.filterwarnings("ignore:DatetimeIndex.dayofyear:DeprecationWarning")
@pytest.mark.parametrize(("tilt", "azimuth"), [(20.0, 180.0), (15.0, 90.0), (28.0, 270.0)])
@pytest.mark.parametrize(("warmest_c", "within"), [(12.0, 1e-9), (38.0, 2e-3)])
def test_a_clear_day_is_what_pvlibs_chain_computes(
    longest_day: ClearSky, tilt: float, azimuth: float, warmest_c: float, within: float
) -> None:
    """PVWatts with Hay-Davies and Faiman, put together by pvlib itself.

    The chain bends the light by the temperature of the air, we by 12 C; hence the second limit.
    """
    air_c = np.linspace(12.0, warmest_c, 48)
    place = Location(*FONTANA)
    times = pd.date_range("2018-06-21 00:15", periods=48, freq="30min", tz="-08:00")
    times -= pd.Timedelta(hours=1)  # daylight saving time
    roof = Array(
        FixedMount(tilt, azimuth),
        module_parameters={"pdc0": 5000.0, "gamma_pdc": -0.0035},
        temperature_model_parameters={"u0": 25.0, "u1": 6.84},
    )
    system = PVSystem([roof], inverter_parameters={"pdc0": 5000.0 / 1.2})
    chain = ModelChain(
        system, place, dc_model="pvwatts", ac_model="pvwatts", aoi_model="no_loss",
        spectral_model="no_loss", temperature_model="faiman", losses_model="pvwatts",
        transposition_model="haydavies",
    )  # fmt: skip
    weather = place.get_clearsky(times).assign(temp_air=air_c, wind_speed=1.0)
    chain.run_model(weather)
    expected_kw = chain.results.ac.fillna(0.0).clip(lower=0.0).to_numpy() / 1000.0

    sun = longest_day
    sky = sun.ghi_w_per_m2, sun.dhi_w_per_m2, sun.dni_w_per_m2
    power_kw = pv_kw(Panels(5.0, tilt, azimuth), sun, sky, air_c)
    assert expected_kw.max() > 3.0
    np.testing.assert_allclose(power_kw, expected_kw, rtol=within, atol=1e-9)


def test_the_sun_is_highest_at_its_noon_and_down_by_night(longest_day: ClearSky) -> None:
    """On 21 June at 34.1 degrees north the sun stands 34.1 - 23.4 degrees from overhead."""
    assert longest_day.zenith_degrees.min() == pytest.approx(34.1 - 23.44, abs=0.5)
    assert longest_day.ghi_w_per_m2[:9].max() == 0.0
    assert longest_day.ghi_w_per_m2[43:].max() == 0.0
    assert 950.0 < longest_day.ghi_w_per_m2.max() < 1100.0


def test_parts_of_the_light_add_up(longest_day: ClearSky) -> None:
    height = np.cos(np.radians(longest_day.zenith_degrees))
    up = longest_day.ghi_w_per_m2 > 0.0
    parts = longest_day.dni_w_per_m2 * height + longest_day.dhi_w_per_m2
    np.testing.assert_allclose(parts[up], longest_day.ghi_w_per_m2[up], atol=1e-6)


def test_the_sun_of_a_step_is_that_of_its_middle() -> None:
    halves, hours = (clear_sky(MIDNIGHT_UTC, step, 24, *FONTANA) for step in (20, 60))
    np.testing.assert_allclose(halves.zenith_degrees[1::3], hours.zenith_degrees[:8], atol=1e-9)


def test_some_steps_can_be_kept(longest_day: ClearSky) -> None:
    kept = longest_day.at(np.array([24, 25]))
    assert kept.ghi_w_per_m2.tolist() == longest_day.ghi_w_per_m2[24:26].tolist()


def test_the_inverter_caps_what_panels_give(longest_day: ClearSky) -> None:
    bright = np.full(48, 1400.0)
    power_kw = pv_kw(
        Panels(6.0, 20.0, 180.0), longest_day, (bright, bright / 5, bright), bright * 0
    )
    assert power_kw.max() == pytest.approx(6.0 / 1.2 * 0.96)


def test_hot_cells_give_less(longest_day: ClearSky) -> None:
    sun = longest_day
    sky = sun.ghi_w_per_m2, sun.dhi_w_per_m2, sun.dni_w_per_m2
    cool, hot = (
        pv_kw(Panels(5.0, 20.0, 180.0), sun, sky, np.full(48, air)) for air in (10.0, 40.0)
    )
    assert hot.sum() == pytest.approx(cool.sum() * 0.89, abs=0.02 * cool.sum())
