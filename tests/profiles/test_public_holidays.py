"""Weekends and holidays, against the calendar on the wall."""

from datetime import date

import numpy as np
import pytest

from profiles.public_holidays import fall_on, holidays_of, parts_of, weekends, years_of

DECEMBER_25_2021 = 18_986  # a Saturday


def test_the_days_of_a_week_are_told_apart() -> None:
    week = DECEMBER_25_2021 + np.arange(7)
    assert weekends(week).tolist() == [True, True, False, False, False, False, False]
    assert weekends(np.arange(7)).tolist() == [False, False, True, True, False, False, False]


def test_the_years_of_days_in_any_order_are_spanned() -> None:
    assert years_of(np.array([DECEMBER_25_2021 + 7, 0, 365])) == range(1970, 2023)
    assert years_of(np.array([DECEMBER_25_2021])) == range(2021, 2022)


def test_dates_are_found_among_days() -> None:
    days = np.array([DECEMBER_25_2021, DECEMBER_25_2021 - 1, DECEMBER_25_2021])
    assert fall_on(days, [date(2021, 12, 25), date(1969, 7, 20)]).tolist() == [True, False, True]
    assert not fall_on(days, []).any()


@pytest.mark.parametrize(("moved", "days"), [(False, [25]), (True, [24, 25])])
def test_a_holiday_at_a_weekend_is_moved_only_if_asked(days: list[int], *, moved: bool) -> None:
    """Christmas of 2021 was kept on Friday, the 24th."""
    found = holidays_of("US", "CA", range(2021, 2022), moved=moved)
    assert [each.day for each, name in found if "Christmas" in name] == days


def test_names_are_english_in_the_order_of_the_dates() -> None:
    found = holidays_of("DE", "BE", range(2020, 2021), moved=False)
    assert (date(2020, 10, 3), "German Unity Day") in found
    assert found == sorted(found, key=lambda each: each[0])


@pytest.mark.parametrize("country", ["ZZ", "", "us/../", "__init__", "registry", "HolidayBase"])
def test_an_unknown_country_has_no_calendar(country: str) -> None:
    assert parts_of(country) is None
    with pytest.raises(LookupError):
        holidays_of(country, None, range(2021, 2022), moved=True)


def test_a_part_is_of_its_country_and_may_be_spelt_out() -> None:
    assert {"CA", "FL"} < set(parts_of("US") or ())
    with pytest.raises(LookupError):
        holidays_of("US", "QQ", range(2021, 2022), moved=True)
    named = holidays_of("US", "California", range(2021, 2022), moved=True)
    assert named == holidays_of("US", "CA", range(2021, 2022), moved=True)
