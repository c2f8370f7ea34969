"""Laws that hold for the prices of any tariff, in any span."""

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.local_time import local_time, utc_from_local
from profiles.tariffs import catalogue
from profiles.tariffs.config import TariffConfig
from profiles.tariffs.export_prices import FlatExport
from profiles.tariffs.grid_prices import GridPrices
from profiles.tariffs.tariff import Charges, Tariff

CALIFORNIA = "America/Los_Angeles"
ALL = [TariffConfig(name=name) for name in (*catalogue.shipped(), "band")]
YEAR_2026 = np.datetime64("2026-01-01T08:00:00", "s")


def priced(tariff: Tariff, start: str, count: int, zone: str = CALIFORNIA) -> GridPrices:
    return tariff.grid_prices(utc_from_local(start, zone), 30, count, zone)


@given(
    config=st.sampled_from(ALL),
    start=st.integers(0, 366 * 96),
    steps_count=st.integers(1, 400),
    ahead_steps=st.integers(0, 96),
    step_minutes=st.sampled_from([15, 30, 60]),
    zone=st.sampled_from([CALIFORNIA, "-08:00", "Europe/London", "Asia/Kathmandu"]),
)
def test_every_step_is_priced_and_none_is_both_dear_and_cheap(
    config: TariffConfig,
    start: int,
    steps_count: int,
    ahead_steps: int,
    step_minutes: int,
    zone: str,
) -> None:
    start_utc = YEAR_2026 + np.timedelta64(15 * start, "m")
    tariff = catalogue.load(config)
    prices = tariff.grid_prices(start_utc, step_minutes, steps_count, zone, ahead_steps)
    for field in fields(prices):
        column = getattr(prices, field.name)
        assert column.shape == (steps_count + ahead_steps,)
        assert np.isfinite(column).all()
        assert not column.flags.writeable
    assert not (prices.peak & prices.cheap).any()
    assert prices.import_cents_per_kwh.dtype == prices.fixed_cents.dtype == np.float64


@given(
    fixed=st.floats(-100.0, 1000.0),
    allowances=st.lists(st.floats(0.0, 50.0), min_size=12, max_size=12),
    start=st.integers(0, 366 * 96),
    days=st.integers(1, 40),
    step_minutes=st.sampled_from([15, 30, 60]),
    zone=st.sampled_from([CALIFORNIA, "-08:00", "Europe/London", "Australia/Lord_Howe"]),
)
def test_charges_and_allowances_of_every_whole_day_add_up(
    fixed: float, allowances: list[float], start: int, days: int, step_minutes: int, zone: str
) -> None:
    source = catalogue.load(TariffConfig(name="two_level")).source
    tariff = Tariff("x", "x", source, FlatExport(5.0), Charges(fixed, 8.0, tuple(allowances)))
    start_utc = YEAR_2026 + np.timedelta64(15 * start, "m")
    count = days * 1440 // step_minutes
    prices = tariff.grid_prices(start_utc, step_minutes, count, zone)
    local = local_time(start_utc, step_minutes, count, zone)
    for day in np.unique(local.day)[1:-1]:  # the first and the last may not be whole
        steps = local.day == day
        month = int(local.month[steps][0])
        # Half-hour shifts of the clock leave steps of an hour that lie in two days.
        if (zone, step_minutes) != ("Australia/Lord_Howe", 60):
            assert prices.fixed_cents[steps].sum() == pytest.approx(fixed, abs=1e-9)
            assert prices.baseline_kwh[steps].sum() == pytest.approx(allowances[month - 1])
    assert (prices.baseline_cents_per_kwh == 8.0).all()


def test_a_billing_period_is_a_calendar_month_of_the_local_clock() -> None:
    prices = priced(catalogue.load(TariffConfig()), "2026-01-31", 29 * 48)
    expected = [672] * 48 + [673] * (28 * 48)  # months since January 1970
    assert prices.billing_period.tolist() == expected


def test_the_charges_of_a_month_are_those_of_its_days() -> None:
    tariff = catalogue.load(TariffConfig(name="pge_e_tou_c_2026"))
    for month, days, allowance in ((3, 31, 11.0), (7, 31, 13.5), (11, 30, 11.0)):
        start, end = (
            utc_from_local(f"2026-{each:02}-01", CALIFORNIA) for each in (month, month + 1)
        )
        steps = int((end - start) / np.timedelta64(30, "m"))
        prices = tariff.grid_prices(start, 30, steps, CALIFORNIA)
        assert np.unique(prices.billing_period).size == 1
        assert prices.fixed_cents.sum() == pytest.approx(days * 79.343)
        assert prices.baseline_kwh.sum() == pytest.approx(days * allowance)


def test_a_run_that_is_longer_prices_its_first_steps_the_same() -> None:
    for config in ALL:
        tariff = catalogue.load(config)
        day, week = (priced(tariff, "2026-03-07", 48 * days) for days in (1, 7))
        for field in fields(day):
            short, long = getattr(day, field.name), getattr(week, field.name)
            assert short.tolist() == long[:48].tolist(), (config.name, field.name)


def test_stored_energy_is_worth_the_lowest_price_of_a_year_that_comes_back() -> None:
    for name, cents in (("pge_tou_c", 28.0), ("two_level", 28.0), ("pge_ev2_a_2026", 22.558)):
        tariff = catalogue.load(TariffConfig(name=name))
        # Whatever was charged in the run.
        assert tariff.lowest_import_cents_per_kwh(np.full(4, 51.0), np.zeros(4, np.int64)) == cents


@pytest.mark.parametrize(
    ("prices", "worth"),
    [
        # Two days of three steps; the lowest of the days are 10 and 20.
        ([10.0, 30.0, 40.0, 50.0, 20.0, 60.0], 15.0),
        ([-10.0, 30.0, 40.0, 50.0, 20.0, 60.0], 5.0),
        ([-90.0, 30.0, 40.0, 50.0, 20.0, 60.0], 0.0),
        ([30.0, 30.0, 30.0, 30.0, 30.0, 30.0], 30.0),
    ],
)
def test_of_other_prices_it_is_worth_the_mean_of_the_lowest_of_each_day(
    prices: list[float], worth: float
) -> None:
    band = catalogue.load(TariffConfig(name="band"))
    found = band.lowest_import_cents_per_kwh(np.array(prices), np.repeat([7, 8], 3))
    assert found == pytest.approx(worth)


def test_one_negative_hour_in_a_month_leaves_stored_energy_its_worth() -> None:
    band = catalogue.load(TariffConfig(name="band"))
    prices, day = np.full(30 * 48, 30.0), np.repeat(np.arange(30), 48)
    prices[777] = -40.0
    assert band.lowest_import_cents_per_kwh(prices, day) == pytest.approx((29 * 30.0 - 40.0) / 30)


def test_the_night_of_the_clock_change_costs_what_its_hours_cost() -> None:
    """Walk the tariff hour by hour, with the local clock of the standard library."""
    tariff = catalogue.load(TariffConfig(name="sce_tou_d_4_9pm_2026"))
    for date, steps in (("2026-03-08", 46), ("2026-11-01", 50)):
        start = utc_from_local(date, CALIFORNIA)
        local = local_time(start, 30, steps, CALIFORNIA)
        assert [b - a for a, b in pairwise(local.minute.tolist())].count(30) == steps - 2
        bounds = ((480, 37.515), (960, 33.605), (1260, 51.112), (1440, 37.515))
        expected = [
            next(cents for end, cents in bounds if minute < end) for minute in local.minute.tolist()
        ]
        prices = tariff.grid_prices(start, 30, steps, CALIFORNIA)
        assert prices.import_cents_per_kwh.tolist() == expected
