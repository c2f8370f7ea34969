"""Which days a utility treats as a working day, and which as a weekend or a holiday.

Which holidays count, and what becomes of one that falls on a weekend, is the utility's rule; the
dates of a year come from the library `holidays`.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from profiles.arrays import Integers

WEEKDAY, WEEKEND_OR_HOLIDAY = 0, 1
"""Places of the two kinds of day in a table of prices."""

KINDS = {
    "all": (WEEKDAY, WEEKEND_OR_HOLIDAY),
    "weekdays": (WEEKDAY,),
    "weekends_and_holidays": (WEEKEND_OR_HOLIDAY,),
}
"""Kinds of day by the word that a file uses."""

_DAY_0 = date(1970, 1, 1)
_SATURDAY, _SUNDAY = 5, 6
_YEARS_OF_NAMES = range(2015, 2036)  # long enough to hold every holiday that comes back


@dataclass(frozen=True, slots=True)
class HolidayRule:
    """The days off of a utility; none if it names none."""

    country: str = ""  # ISO 3166, two letters
    subdivision: str | None = None  # such as a state
    names: tuple[str, ...] = ()  # English, as the library calls them
    saturday_moves_to_friday: bool = False
    sunday_moves_to_monday: bool = False


NO_HOLIDAYS = HolidayRule()


def kinds_of(day: Integers, rule: HolidayRule) -> Integers:
    """Tell the kind of each local day.

    Parameters
    ----------
    day : ndarray, shape (K,)
        Days since 1970-01-01 on the local calendar.
    rule : HolidayRule
        Which holidays count.

    Returns
    -------
    ndarray, shape (K,)
        0 on a working day, 1 at weekends and on holidays.
    """
    weekday = (day + _DAY_0.weekday()) % 7
    off = weekday >= _SATURDAY
    if rule.names and day.size:
        first, last = (_DAY_0 + timedelta(days=int(each)) for each in (day.min(), day.max()))
        # A holiday of the year before or after may be moved into the span.
        found = _dates(rule, range(first.year - 1, last.year + 2))
        off = off | np.isin(day, [(each - _DAY_0).days for each in found])
    return np.where(off, WEEKEND_OR_HOLIDAY, WEEKDAY)


def known_names(country: str, subdivision: str | None) -> tuple[str, ...]:
    """Name the holidays of a country, in alphabetical order; none if it is not known."""
    # Many runs need no calendar and are spared the time that importing one takes.
    import holidays  # noqa: PLC0415

    if country not in holidays.list_supported_countries():
        return ()
    try:
        return tuple(sorted({name for _, name in _calendar(country, subdivision, _YEARS_OF_NAMES)}))
    except NotImplementedError:
        return ()


def _dates(rule: HolidayRule, years: range) -> set[date]:
    """List the dates on which a utility keeps its holidays."""
    found = set()
    for each, name in _calendar(rule.country, rule.subdivision, years):
        if name not in rule.names:
            continue
        found.add(each)
        if each.weekday() == _SATURDAY and rule.saturday_moves_to_friday:
            found.add(each - timedelta(days=1))
        if each.weekday() == _SUNDAY and rule.sunday_moves_to_monday:
            found.add(each + timedelta(days=1))
    return found


def _calendar(country: str, subdivision: str | None, years: range) -> list[tuple[date, str]]:
    """Ask the library for the holidays of some years on their own dates."""
    import holidays  # noqa: PLC0415, as above

    calendar = holidays.country_holidays(
        country, subdiv=subdivision, years=years, observed=False, language="en_US"
    )
    return [(each, name) for each in sorted(calendar) for name in calendar.get_list(each)]
