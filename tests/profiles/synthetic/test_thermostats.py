"""Air conditioners and water heaters against their heat balances."""

from dataclasses import fields, replace

import numpy as np
import pytest

from profiles.arrays import Floats
from profiles.synthetic import thermostats
from profiles.synthetic.days import Days, days_of
from profiles.synthetic.homes import Homes, block
from profiles.synthetic.presence import Presence, presence_of
from profiles.synthetic.thermostats import LOCKOUT_C, air_conditioning_kwh, water_heater_kwh


@pytest.fixture(scope="module")
def lived(homes: Homes, july: Days) -> Presence:
    return presence_of(homes, july, 0)


def _cooled(homes: Homes, july: Days, lived: Presence, air_c: float, sun: float = 0.0) -> Floats:
    still = np.full(july.steps_count, 1.0)
    return air_conditioning_kwh(homes, july, lived, air_c * still, sun * still)


def test_cool_air_is_let_in_instead(homes: Homes, july: Days, lived: Presence) -> None:
    assert not _cooled(homes, july, lived, LOCKOUT_C, 900.0).any()


def test_only_who_has_one_cools(homes: Homes, july: Days, lived: Presence) -> None:
    hot = _cooled(homes, july, lived, 38.0, 300.0)
    owned = homes.ac_kw > 0.0
    assert not hot[~owned].any()
    assert hot[owned].any(axis=1).all()


def test_heat_that_comes_in_is_taken_out(homes: Homes, july: Days, lived: Presence) -> None:
    """In a steady 32 C the house gains leak * (32 - setpoint) + 0.4 kW; COP is known there.

    The setpoint is set back by 1.5 K while nobody is at home, so it holds within that.
    """
    kwh = _cooled(homes, july, lived, 32.0)[:, 96:]
    kw = kwh.mean(axis=1) / 0.5
    effort = 1.0 + 0.022 * (32.0 - 28.0)
    for warmer_k, compare in ((0.0, np.less_equal), (1.6, np.greater_equal)):
        heat_kw = homes.leak_kw_per_k * (32.0 - homes.setpoint_c - warmer_k) + 0.4
        expected_kw = homes.ac_kw * effort * heat_kw / homes.cooling_kw
        assert compare(kw, 1.03 * expected_kw + 0.01 if warmer_k == 0.0 else 0.97 * expected_kw)[
            homes.ac_kw > 0.0
        ].all()


def test_an_air_conditioner_never_exceeds_its_power(
    homes: Homes, july: Days, lived: Presence
) -> None:
    kwh = _cooled(homes, july, lived, 45.0, 1000.0)
    limit_kwh = 0.5 * homes.ac_kw * (1.0 + 0.022 * (45.0 - 28.0))
    assert (kwh <= limit_kwh[:, None] + 1e-12).all()
    assert (kwh.max(axis=1) >= limit_kwh - 1e-9).any()


def test_it_cools_in_turns_rather_than_evenly(homes: Homes, july: Days, lived: Presence) -> None:
    """A band of a degree lets it rest between runs."""
    kwh = _cooled(homes, july, lived, 30.0)[homes.ac_kw > 0.0, 96:]
    assert (kwh == 0.0).any(axis=1).mean() > 0.9


def test_hotter_air_and_more_sun_cost_more(homes: Homes, july: Days, lived: Presence) -> None:
    used = [
        _cooled(homes, july, lived, air_c, sun).sum()
        for air_c, sun in ((26.0, 0.0), (30.0, 0.0), (34.0, 0.0), (34.0, 500.0))
    ]
    assert used == sorted(used)
    assert used[-1] > 1.2 * used[-2] > 0.0


def test_a_lag_follows_the_heat(homes: Homes, july: Days, lived: Presence) -> None:
    """The house warms up slowly: more is cooled after a hot noon than as long before it."""
    hour = july.local.minute / 60.0
    air_c = 26.0 + 8.0 * np.cos((hour - 14.0) / 12.0 * np.pi)
    kwh = air_conditioning_kwh(homes, july, lived, air_c, np.zeros(july.steps_count)).sum(axis=0)
    assert kwh[(hour >= 17) & (hour < 20)].sum() > 1.3 * kwh[(hour >= 8) & (hour < 11)].sum()


def test_the_water_that_is_drawn_is_heated_again(homes: Homes, july: Days, lived: Presence) -> None:
    """Heat in is heat out, up to what the thermostat lets go by and the last draw."""
    kwh = water_heater_kwh(homes, july, 0, lived)
    owned = homes.tank_kw > 0.0
    heat_kwh = (kwh.sum(axis=1) * homes.tank_gain)[owned]
    drawn = thermostats._hot_water(homes, july, 0, lived)[owned]
    lost_kwh = 0.06 * 24.0 * 14
    open_kwh = 1.2 + drawn.max(axis=1) + drawn[:, -4:].sum(axis=1)
    assert (np.abs(heat_kwh - drawn.sum(axis=1) - lost_kwh) <= open_kwh).all()
    assert not kwh[~owned].any()
    assert (kwh <= 0.5 * homes.tank_kw[:, None] + 1e-12).all()


def test_a_heat_pump_needs_a_third(homes: Homes, july: Days, lived: Presence) -> None:
    ones = np.ones(60)
    plain = replace(homes, tank_kw=3.0 * ones, tank_gain=ones)
    pump = replace(homes, tank_kw=ones, tank_gain=3.0 * ones)
    np.testing.assert_allclose(
        water_heater_kwh(plain, july, 0, lived),
        3.0 * water_heater_kwh(pump, july, 0, lived),
        atol=1e-9,
    )


def test_people_bathe_in_the_morning_and_the_evening(
    homes: Homes, july: Days, lived: Presence
) -> None:
    drawn = thermostats._hot_water(homes, july, 0, lived)
    hour = july.local.minute // 60
    share = np.array([drawn[:, hour == each].sum() for each in range(24)]) / drawn.sum()
    assert share[6:10].sum() > 0.3
    assert share[19:24].sum() > 0.25
    assert share[2:5].sum() < 0.01


def test_one_home_alone_lives_as_among_others(homes: Homes) -> None:
    """To the last bit: only exact operations follow the draws."""
    days = days_of("2018-08-01", 5, 30, "America/Los_Angeles", (None, None))
    air_c = 24.0 + 9.0 * np.sin(np.arange(240) / 48 * 2 * np.pi)
    lived = presence_of(homes, days, 0)
    for row in (0, 17, 59):
        one = block(homes, slice(row, row + 1))
        alone = presence_of(one, days, 0)
        for field in fields(Presence):
            together = getattr(lived, field.name)[row : row + 1]
            assert np.array_equal(getattr(alone, field.name), together)
        cooled = air_conditioning_kwh(homes, days, lived, air_c, 20.0 * air_c)[row]
        assert np.array_equal(
            air_conditioning_kwh(one, days, alone, air_c, 20.0 * air_c)[0], cooled
        )
        heated = water_heater_kwh(homes, days, 0, lived)[row]
        assert np.array_equal(water_heater_kwh(one, days, 0, alone)[0], heated)
