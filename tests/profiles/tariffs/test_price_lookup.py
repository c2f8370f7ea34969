"""Prices of steps out of series with another length of step, another zone or another year."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.errors import InputError
from profiles.local_time import utc_from_local
from profiles.tariffs import price_lookup
from profiles.tariffs.config import RepeatYear
from profiles.tariffs.price_lookup import on_steps
from profiles.tariffs.price_series import RateSeries
from profiles.tariffs.span import Span, span_of

CALIFORNIA = "America/Los_Angeles"


def series(
    start: str, rows: int, step_minutes: int = 60, *, zoned: bool = True, zone: str = "UTC"
) -> RateSeries:
    """Price each row by its place; exports earn ten times that."""
    first = utc_from_local(start, zone if zoned else "UTC")
    minutes = int(first.astype("datetime64[m]").astype(np.int64))
    price = np.arange(rows, dtype=np.float64)
    return RateSeries("x.csv", minutes, step_minutes, zoned, price, 10.0 * price)


def steps(
    start: str, count: int, zone: str = "UTC", step_minutes: int = 30, ahead: int = 0
) -> Span:
    return span_of(utc_from_local(start, zone), step_minutes, count, zone, ahead)


def found(known: RateSeries, span: Span, repeat_year: RepeatYear = "none") -> list[float]:
    price, export = on_steps(known, span, repeat_year)
    assert export is not None
    assert export == pytest.approx(10.0 * price)
    return list(map(float, price))


def test_an_hour_holds_for_its_half_hours() -> None:
    assert found(series("2026-01-01", 3), steps("2026-01-01T01:00", 4)) == [1, 1, 2, 2]


def test_a_step_takes_the_mean_of_its_parts() -> None:
    minutes_5 = series("2026-01-01", 24, step_minutes=5)
    assert found(minutes_5, steps("2026-01-01T00:30", 2)) == [8.5, 14.5]
    minutes_10 = series("2026-01-01", 6, step_minutes=10)
    # 00:15 to 00:30 holds half of the second row and all of the third.
    assert found(minutes_10, steps("2026-01-01T00:15", 1, step_minutes=15)) == [
        pytest.approx((1 + 2 + 2) / 3)
    ]


def test_a_zone_off_by_a_quarter_of_an_hour_is_priced_by_the_minute() -> None:
    # 05:45 in Nepal is midnight UTC: a local hour lies in two rows.
    nepal = steps("2026-01-01T06:00", 1, zone="+05:45", step_minutes=60)
    assert found(series("2026-01-01", 3), nepal) == [pytest.approx((0 * 3 + 1 * 1) / 4)]


def test_stamps_without_a_zone_are_the_clock_of_the_run() -> None:
    nominal = series("2026-03-08", 48, zoned=False)
    day = steps("2026-03-08", 46, zone=CALIFORNIA)
    # The clock leaves 02:00 out: that row is not used.
    hours = [hour for hour in range(24) if hour != 2]
    assert found(nominal, day) == [float(hour) for hour in hours for _ in range(2)]


def test_an_hour_that_the_clock_shows_twice_has_one_price() -> None:
    nominal = series("2026-11-01", 24, zoned=False)
    day = steps("2026-11-01", 50, zone=CALIFORNIA)
    hours = [0, 1, 1, *range(2, 24)]
    assert found(nominal, day) == [float(hour) for hour in hours for _ in range(2)]


def test_plans_beyond_the_end_see_the_last_day_again() -> None:
    two_days = series("2026-01-01", 48)
    span = steps("2026-01-02T22:00", 2, step_minutes=60, ahead=60)
    assert found(two_days, span) == [46, 47, *range(24, 48), *range(24, 48), *range(24, 36)]


@pytest.mark.parametrize("start", ["2025-12-31T23:30", "2026-01-02T23:30"])
def test_a_step_that_is_lived_must_have_a_price(start: str) -> None:
    with pytest.raises(InputError) as refusal:
        on_steps(series("2026-01-01", 48), steps(start, 2), "none")
    assert str(refusal.value).startswith("x.csv: must have a price for 202")
    assert "UTC (got 2026-01-01 00:00 to 2026-01-03 00:00; tariff.repeat_year" in str(refusal.value)


def test_a_short_series_cannot_serve_plans_for_a_day() -> None:
    with pytest.raises(InputError, match="must have a price for 2026-01-01 01:00 UTC"):
        on_steps(series("2026-01-01", 1), steps("2026-01-01", 2, ahead=4), "none")


def test_the_same_date_of_another_year_stands_in() -> None:
    year = series("2019-01-01", 8760, zone="-08:00")
    first_of_july = (31 + 28 + 31 + 30 + 31 + 30) * 24.0
    span = steps("2017-07-01T16:00", 3, zone="-08:00")
    assert found(year, span, "date") == [first_of_july + 16, first_of_july + 16, first_of_july + 17]


def test_the_same_weekday_within_three_days_stands_in() -> None:
    year = series("2019-01-01", 8760, zone="-08:00")
    for month, day in ((7, 1), (1, 1), (12, 31), (3, 5)):
        run = date(2017, month, day)
        price = found(year, steps(f"{run}", 1, zone="-08:00"), "weekday")[0]
        paired = date(2019, 1, 1) + timedelta(days=price / 24)
        assert paired.weekday() == run.weekday()
        # At the ends of the series the nearest such day may lie outside, and the next one counts.
        limit = 3 if (month, day) not in {(1, 1), (12, 31)} else 9
        assert abs((paired - run.replace(year=2019)).days) <= limit


def test_a_day_of_the_series_itself_is_read_as_it_is() -> None:
    year = series("2019-01-01", 8760, zone="-08:00")
    span = steps("2019-05-05T04:00", 5, zone="-08:00")
    assert found(year, span, "weekday") == found(year, span) == found(year, span, "date")


def test_plans_beyond_the_last_paired_day_see_it_again() -> None:
    two_days = series("2019-07-01", 48, zone="-08:00")
    span = steps("2017-07-02", 24, zone="-08:00", step_minutes=60, ahead=36)
    assert found(two_days, span, "date") == [*range(24, 48), *range(24, 48), *range(24, 36)]


def test_the_leap_day_takes_the_day_before_it() -> None:
    year = series("2019-01-01", 8760)
    assert found(year, steps("2020-02-29", 1), "date") == [(31 + 27) * 24.0]
    leap = series("2020-01-01", 8784)
    assert found(leap, steps("2024-02-29", 1), "date") == [(31 + 28) * 24.0]


def test_an_hour_that_the_series_clock_left_out_takes_the_price_before_it() -> None:
    # In 2019 the clock went forward on March 10, in 2026 it does on March 8.
    year = series("2019-01-01", 8760, zone=CALIFORNIA)
    tenth = (31 + 28 + 9) * 24.0
    found_prices = found(year, steps("2026-03-10T01:00", 6, zone=CALIFORNIA), "date")
    assert found_prices == [tenth + 1] * 4 + [tenth + 2] * 2
    # November 3, 2019 had two hours called 1; the first of them counts.
    third = 306 * 24.0 - 1.0
    found_prices = found(year, steps("2026-11-03T01:00", 3, zone=CALIFORNIA), "date")
    assert found_prices == [third + 1, third + 1, third + 3]


def test_a_date_that_no_year_of_the_series_has_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        on_steps(series("2019-01-01", 240), steps("2017-07-01", 1), "date")
    assert str(refusal.value) == (
        "x.csv: must have a price for 2017-07-01 00:00 by the local clock "
        "(got 2019-01-01 00:00 to 2019-01-11 00:00)"
    )


@given(
    step_minutes=st.sampled_from([5, 10, 15, 30, 60]),
    run_minutes=st.sampled_from([15, 30, 60]),
    start=st.integers(0, 100),
    count=st.integers(1, 60),
)
def test_the_mean_over_whole_hours_is_that_of_the_series(
    step_minutes: int, run_minutes: int, start: int, count: int
) -> None:
    rng = np.random.default_rng(start)
    known = series("2026-01-01", 200 * 60 // step_minutes, step_minutes)
    price = rng.normal(0.0, 10.0, known.rate_per_kwh.size)
    known = RateSeries("x", known.start_minutes, step_minutes, True, price, None)
    start_utc = np.datetime64("2026-01-01T00:00:00", "s") + np.timedelta64(start, "h")
    span = span_of(start_utc, run_minutes, count * 60 // run_minutes, "UTC")
    got, _ = on_steps(known, span, "none")
    rows = 60 // step_minutes
    expected = price[start * rows : (start + count) * rows].reshape(count, rows).mean(axis=1)
    assert got.reshape(count, -1).mean(axis=1) == pytest.approx(expected)


def test_a_series_that_starts_within_the_hour_shown_twice_keeps_its_last_price() -> None:
    # 01:30, then 01:00 and 01:30 again, 02:00, 02:30 by the clock of California.
    known = series("2026-11-01T08:30", 5, step_minutes=30)
    laid = price_lookup._by_local_clock(known, CALIFORNIA)
    assert laid.rate_per_kwh.tolist() == [0.0, 3.0, 4.0]
    assert laid.start_minutes % (24 * 60) == 90
