"""The bundled year against the totals that were published with it."""

import numpy as np
import pytest

from profiles import fontana
from profiles.errors import InputError

HOMES = [1, 2, 3, 4, 5, 6, 8, 9, 10]
LOAD_KWH = [10583.4, 9353.6, 7170.4, 10793.2, 8807.6, 10388.0, 8836.3, 7304.8, 13115.3]
PV_KWH = [7212.5, 5423.3, 5818.1, 6110.3, 6067.6, 6488.8, 6734.2, 5758.4, 7306.0]


@pytest.mark.parametrize("step_minutes", [15, 30, 60])
def test_the_year_adds_up_to_the_published_totals(step_minutes: int) -> None:
    profiles = fontana.read(step_minutes)
    assert profiles.home_ids.tolist() == HOMES
    assert profiles.steps_count == 365 * 24 * 60 // step_minutes
    np.testing.assert_allclose(profiles.load_kwh.sum(axis=0), LOAD_KWH, rtol=0, atol=0.1)
    np.testing.assert_allclose(profiles.pv_kwh.sum(axis=0), PV_KWH, rtol=0, atol=0.1)


@pytest.mark.parametrize("step_minutes", [15, 30])
def test_shorter_steps_are_equal_parts_of_their_hour(step_minutes: int) -> None:
    hours, steps = fontana.read(60), fontana.read(step_minutes)
    parts = 60 // step_minutes
    for whole, split in ((hours.load_kwh, steps.load_kwh), (hours.pv_kwh, steps.pv_kwh)):
        by_hour = split.reshape(-1, parts, len(HOMES))
        np.testing.assert_allclose(by_hour.sum(axis=1), whole, rtol=0, atol=1e-12)
        assert np.array_equal(by_hour.min(axis=1), by_hour.max(axis=1))


def test_the_default_is_half_hours() -> None:
    assert fontana.read().step_minutes == 30


def test_the_noise_of_32_bits_is_taken_off() -> None:
    profiles = fontana.read(60)
    assert profiles.load_kwh[:4, 0].tolist() == [2.2758, 0.8512, 0.8346, 0.8382]


def test_the_year_runs_from_august_to_july_on_a_fixed_clock() -> None:
    profiles = fontana.read()
    local = profiles.local_time()
    assert profiles.zone == "-08:00"
    assert (local.month[0], local.minute[0], local.weekday[0]) == (8, 0, 0)
    assert (local.month[-1], local.minute[-1]) == (7, 23 * 60 + 30)
    assert np.unique(local.day, return_counts=True)[1].tolist() == [48] * 365


def test_the_sun_shines_around_noon_and_never_at_night() -> None:
    profiles = fontana.read()
    minute = profiles.local_time().minute
    noon = profiles.pv_kwh[(minute >= 600) & (minute < 960)].sum()
    night = profiles.pv_kwh[(minute < 240) | (minute >= 1320)].sum()
    assert noon > 0.6 * profiles.pv_kwh.sum()
    assert night < 0.001 * profiles.pv_kwh.sum()


def test_no_appliances_and_no_weather_are_shipped() -> None:
    profiles = fontana.read()
    assert not profiles.appliances_kwh
    assert not profiles.weather


def test_what_is_read_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        fontana.read().load_kwh[0, 0] = 1.0


@pytest.mark.parametrize("step_minutes", [0, 5, 20, 45, -30])
def test_another_length_of_step_is_refused(step_minutes: int) -> None:
    with pytest.raises(InputError, match=rf"must be 15 or 30 or 60 \(got {step_minutes}\)"):
        fontana.read(step_minutes)
