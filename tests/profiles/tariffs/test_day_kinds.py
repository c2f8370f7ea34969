"""Weekends and holidays, against the calendar on the wall."""

from datetime import date, timedelta

import numpy as np
import pytest

from profiles.tariffs.day_kinds import NO_HOLIDAYS, HolidayRule, kinds_of, known_names

FEDERAL = (
    "New Year's Day",
    "Washington's Birthday",
    "Memorial Day",
    "Independence Day",
    "Labor Day",
    "Veterans Day",
    "Thanksgiving Day",
    "Christmas Day",
)
OBSERVED = HolidayRule("US", None, FEDERAL, True, True)
MONDAYS_ONLY = HolidayRule("US", None, FEDERAL, False, True)


def holidays_on_weekdays(year: int, rule: HolidayRule) -> list[str]:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365 + (year % 4 == 0))]
    kinds = kinds_of(np.array([(day - date(1970, 1, 1)).days for day in days]), rule)
    return [
        f"{day:%m-%d}" for day, kind in zip(days, kinds, strict=True) if kind and day.weekday() < 5
    ]


def test_the_holidays_of_2026_are_those_of_the_printed_calendar() -> None:
    others = ["01-01", "02-16", "05-25", "09-07", "11-11", "11-26", "12-25"]
    # Independence Day is a Saturday: observed on Friday, July 3, by those who observe it.
    assert holidays_on_weekdays(2026, OBSERVED) == sorted([*others, "07-03"])
    assert holidays_on_weekdays(2026, MONDAYS_ONLY) == others


def test_a_sunday_moves_to_monday_and_may_cross_into_the_next_year() -> None:
    # July 4, 2021 is a Sunday, Christmas of 2021 a Saturday; New Year's Day of 2022 too.
    kept = ["01-01", "02-15", "05-31", "07-05", "09-06", "11-11", "11-25"]
    assert holidays_on_weekdays(2021, MONDAYS_ONLY) == kept
    assert holidays_on_weekdays(2021, OBSERVED) == [*kept, "12-24", "12-31"]
    # New Year's Day of 2023 is a Sunday.
    assert holidays_on_weekdays(2023, MONDAYS_ONLY)[0] == "01-02"
    stays = HolidayRule("US", None, FEDERAL)
    assert holidays_on_weekdays(2023, stays)[0] == "02-20"


def test_holidays_that_a_utility_does_not_name_are_working_days() -> None:
    assert "01-19" not in holidays_on_weekdays(2026, OBSERVED)  # Martin Luther King Jr. Day
    assert holidays_on_weekdays(2026, NO_HOLIDAYS) == []


@pytest.mark.parametrize("rule", [NO_HOLIDAYS, OBSERVED])
def test_every_saturday_and_sunday_is_free(rule: HolidayRule) -> None:
    week = np.arange(20_605, 20_612)  # Monday 2026-06-01 to Sunday
    assert kinds_of(week, rule).tolist() == [0, 0, 0, 0, 0, 1, 1]


def test_no_day_has_no_kind() -> None:
    assert kinds_of(np.zeros(0, np.int64), OBSERVED).size == 0


def test_a_country_has_names_and_no_country_has_none() -> None:
    assert set(FEDERAL) < set(known_names("US", None))
    assert "Cesar Chavez Day" in known_names("US", "CA")
    assert "Boxing Day" in known_names("GB", "ENG")
    for country in ("ZZ", "", "us/../", "__init__", "registry"):
        assert known_names(country, None) == ()
    assert known_names("US", "QQ") == ()
