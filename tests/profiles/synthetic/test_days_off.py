"""Which days are free."""

import numpy as np
import pytest

from profiles.errors import FitError
from profiles.synthetic.days_off import free_days


def _free(first: str, count: int, country: str | None, part: str | None) -> list[str]:
    day = np.datetime64(first, "D").astype(np.int64) + np.arange(count)
    return day[free_days(day, country, part)].astype("datetime64[D]").astype(str).tolist()


def test_weekends_are_free_everywhere() -> None:
    assert _free("2018-07-02", 14, None, None) == [
        "2018-07-07", "2018-07-08", "2018-07-14", "2018-07-15",
    ]  # fmt: skip


def test_the_fourth_of_july_is_free_in_america() -> None:
    assert "2018-07-04" in _free("2018-07-02", 7, "US", "CA")
    assert "2018-07-04" not in _free("2018-07-02", 7, "DE", None)


def test_a_state_has_holidays_of_its_own() -> None:
    """31 March is Cesar Chavez Day in California, a Tuesday in 2026."""
    assert _free("2026-03-31", 1, "US", "CA") == ["2026-03-31"]
    assert _free("2026-03-31", 1, "US", "FL") == []


def test_a_holiday_that_falls_on_a_sunday_is_kept_on_monday() -> None:
    """1 January 2017 was a Sunday."""
    assert _free("2017-01-02", 5, "US", "CA") == ["2017-01-02"]


def test_new_year_is_free_in_both_years_of_a_span() -> None:
    found = _free("2018-12-24", 10, "US", "CA")
    assert {"2018-12-25", "2019-01-01"} <= set(found)


def test_no_day_is_no_free_day() -> None:
    assert free_days(np.zeros(0, np.int64), "US", "CA").size == 0


@pytest.mark.parametrize(
    ("country", "part", "message"),
    [
        ("XX", None, "profiles.synthetic.holidays_country: must be a country like US"),
        ("registry", None, "profiles.synthetic.holidays_country: must be a country like US"),
        ("US", "ZZ", "profiles.synthetic.holidays_subdivision: must be null or a part of US: AK"),
    ],
)
def test_an_unknown_place_is_refused(country: str, part: str | None, message: str) -> None:
    with pytest.raises(FitError) as refusal:
        free_days(np.array([17_000]), country, part)
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)
