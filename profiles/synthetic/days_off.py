"""Days on which people are free: weekends and every public holiday, also where it is moved to.

A utility counts by a list of its own (`tariffs/day_kinds.py`), which may not be the state's.
"""

import numpy as np

from profiles.arrays import Booleans, Integers
from profiles.errors import FitError
from profiles.public_holidays import fall_on, holidays_of, parts_of, weekends, years_of

_SECTION = "profiles.synthetic"  # where a scenario says whose holidays count


def free_days(day: Integers, country: str | None, subdivision: str | None) -> Booleans:
    """Tell which local days are free.

    Parameters
    ----------
    day : ndarray, shape (D,)
        Days since 1970-01-01 on the local calendar.
    country : str, optional
        ISO 3166 code such as "US"; without one only weekends are free.
    subdivision : str, optional
        Part of the country that has holidays of its own, such as "CA".

    Returns
    -------
    ndarray, shape (D,)
        Whether a day is a Saturday, a Sunday or a public holiday, moved ones included.

    Raises
    ------
    FitError
        If no holidays are known for the country or its part.
    """
    free = weekends(day)
    if country is None or day.size == 0:
        return free
    try:
        found = holidays_of(country, subdivision, years_of(day), moved=True)
    except LookupError:
        raise _refusal(country, subdivision) from None
    return np.asarray(free | fall_on(day, (each for each, _ in found)))


def _refusal(country: str, subdivision: str | None) -> FitError:
    """Say which of the two is not known."""
    parts = parts_of(country)
    if parts is None:
        limit = "must be a country like US whose holidays are known, or null"
        return FitError(f"{_SECTION}.holidays_country", f"{limit} (got {country!r})")
    limit = f"must be null or a part of {country}: {', '.join(parts) or 'null'}"
    return FitError(f"{_SECTION}.holidays_subdivision", f"{limit} (got {subdivision!r})")
