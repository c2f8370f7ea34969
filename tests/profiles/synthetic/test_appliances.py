"""What runs because people are at home."""

from dataclasses import replace

import numpy as np
import pytest

from profiles.arrays import Floats
from profiles.synthetic import appliances
from profiles.synthetic.days import Days
from profiles.synthetic.homes import Homes
from profiles.synthetic.presence import Presence, presence_of


@pytest.fixture(scope="module")
def lived(homes: Homes, july: Days) -> Presence:
    return presence_of(homes, july, 0)


def _by_hour(kwh: Floats, days: Days) -> Floats:
    hour = days.local.minute // 60
    return np.array([kwh[:, hour == each].sum() for each in range(24)])


def test_a_fridge_runs_its_share_of_every_cycle(homes: Homes, july: Days) -> None:
    """At 18 C outside a compressor of p kW that runs 40 % of the time takes 0.4 p."""
    kwh = appliances.fridge_kwh(homes, july, np.full(july.steps_count, 18.0))
    cycles_kwh = 0.4 * homes.fridge_kw * homes.fridge_cycle_minutes / 60.0
    expected_kwh = 0.4 * homes.fridge_kw * july.steps_count * 0.5
    assert (np.abs(kwh.sum(axis=1) - expected_kwh) <= cycles_kwh).all()
    assert (kwh <= 0.5 * homes.fridge_kw[:, None] + 1e-12).all()
    assert (kwh.std(axis=1) > 0.0).all()


def test_a_fridge_works_harder_in_a_warm_kitchen(homes: Homes, july: Days) -> None:
    cool, warm = (
        appliances.fridge_kwh(homes, july, np.full(july.steps_count, air_c)) for air_c in (18.0, 33)
    )
    np.testing.assert_allclose(warm, 1.18 * cool, atol=1e-12)


def test_laundry_is_done_more_often_on_free_days(homes: Homes, july: Days, lived: Presence) -> None:
    days_kwh = np.array(
        [
            appliances.laundry_kwh(homes, july, seed, lived)[:, july.row == day].sum()
            for seed in range(6)
            for day in range(14)
        ]
    ).reshape(6, 14)
    assert days_kwh[:, july.free].mean() > 1.5 * days_kwh[:, ~july.free].mean()


def test_a_load_of_washing_is_what_the_machine_uses(july: Days, homes: Homes) -> None:
    """Without a dryer a home's laundry is a whole number of loads."""
    lived = presence_of(homes, july, 0)
    kwh = appliances.laundry_kwh(homes, july, 0, lived).sum(axis=1)
    loads = (kwh / homes.washer_kwh)[homes.dryer_kw == 0.0]
    np.testing.assert_allclose(loads, loads.round(), atol=1e-9)
    assert loads.max() >= 3.0


def test_dishes_are_washed_in_the_evening(homes: Homes, july: Days, lived: Presence) -> None:
    hours = _by_hour(appliances.dishwasher_kwh(homes, july, 0, lived), july)
    assert hours[[*range(17, 24), 0, 1]].sum() > 0.95 * hours.sum()


def test_dinner_is_the_meal_that_counts(homes: Homes, july: Days, lived: Presence) -> None:
    hours = _by_hour(appliances.stove_kwh(homes, july, 0, lived), july)
    assert 17 <= int(hours.argmax()) <= 20
    assert hours[17:22].sum() > 0.5 * hours.sum()
    assert hours[1:4].sum() == 0.0


def test_who_has_none_uses_none(homes: Homes, july: Days, lived: Presence) -> None:
    dishes = appliances.dishwasher_kwh(homes, july, 0, lived)
    cooking = appliances.stove_kwh(homes, july, 0, lived)
    for kwh, power_kw in ((dishes, homes.dishwasher_kw), (cooking, homes.stove_kw)):
        assert not kwh[power_kw == 0.0].any()
        assert kwh[power_kw > 0.0].any(axis=1).all()


def test_on_a_trip_only_what_always_runs_is_on(homes: Homes, july: Days, lived: Presence) -> None:
    away = replace(
        lived,
        away=np.ones_like(lived.away),
        called=np.zeros_like(lived.called),
        out=np.zeros_like(lived.out),
        active_fraction=np.zeros_like(lived.active_fraction),
    )
    for use in (appliances.laundry_kwh, appliances.dishwasher_kwh, appliances.stove_kwh):
        assert not use(homes, july, 0, away).any()
    no_pool = replace(homes, pool_kw=np.zeros_like(homes.pool_kw))
    misc = appliances.misc_kwh(no_pool, july, 0, away, np.zeros(july.steps_count))
    np.testing.assert_allclose(misc, np.repeat(0.5 * homes.plugs_kw[:, None], 672, axis=1))
    np.testing.assert_allclose(appliances.computers_kwh(homes, july, 0, away), 0.0075)


def test_a_pool_is_pumped_five_hours_a_day(homes: Homes, july: Days, lived: Presence) -> None:
    dry = replace(homes, pool_kw=np.zeros_like(homes.pool_kw))
    sun = np.zeros(july.steps_count)
    pumped = appliances.misc_kwh(homes, july, 0, lived, sun)
    pumped -= appliances.misc_kwh(dry, july, 0, lived, sun)
    assert homes.pool_kw.any()
    np.testing.assert_allclose(pumped.sum(axis=1), 14 * 5.0 * homes.pool_kw, atol=1e-9)
    hours = _by_hour(pumped, july)
    assert hours[8:16].sum() > 0.999 * hours.sum()


def test_lamps_are_lit_in_the_dark_only(homes: Homes, july: Days, lived: Presence) -> None:
    dark, bright = (
        appliances.misc_kwh(homes, july, 0, lived, np.full(july.steps_count, sun))
        for sun in (0.0, 200.0)
    )
    lamps = 0.35 * 0.5 * homes.active_kw[:, None] * lived.active_fraction
    np.testing.assert_allclose(dark - bright, lamps, atol=1e-12)
