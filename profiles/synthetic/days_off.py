"""Days on which people are free: weekends and the public holidays of a state."""

from datetime import date, timedelta

import numpy as np

from profiles.arrays import Booleans, Integers
from profiles.errors import FitError

_DAY_0 = date(1970, 1, 1)
_SATURDAY = 5
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
    free = (day + _DAY_0.weekday()) % 7 >= _SATURDAY
    if country is None or day.size == 0:
        return np.asarray(free)
    # It takes a while to import and is needed only where homes are generated.
    import holidays  # noqa: PLC0415

    first, last = (_DAY_0 + timedelta(days=int(each)) for each in (day.min(), day.max()))
    years = range(first.year, last.year + 1)
    try:
        calendar = holidays.country_holidays(country, subdiv=subdivision, years=years)
    except NotImplementedError:
        known = holidays.list_supported_countries()
        if country not in known:
            limit = "must be a country like US whose holidays are known, or null"
            raise FitError(f"{_SECTION}.holidays_country", f"{limit} (got {country!r})") from None
        parts = ", ".join(known[country]) or "null"
        raise FitError(
            f"{_SECTION}.holidays_subdivision",
            f"must be null or a part of {country}: {parts} (got {subdivision!r})",
        ) from None
    return np.asarray(free | np.isin(day, [(each - _DAY_0).days for each in calendar]))
