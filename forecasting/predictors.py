"""The table of forecasters by name: a new one is one file and one line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from forecasting.baselines import PERSISTENCE, SEASONAL_DAY, SEASONAL_WEEK, SLOT_MEAN
from forecasting.forecast import Predictor
from forecasting.perfect import Perfect
from profiles.errors import InputError
from profiles.profiles import Profiles

PredictorName = Literal["perfect", "persistence", "seasonal_day", "seasonal_week", "slot_mean"]

# Only `perfect` keeps the measurements it is given; the others forget them at once.
PREDICTORS: Mapping[str, Callable[[Profiles], Predictor]] = MappingProxyType(
    {
        "perfect": Perfect,
        "persistence": lambda _: PERSISTENCE,
        "seasonal_day": lambda _: SEASONAL_DAY,
        "seasonal_week": lambda _: SEASONAL_WEEK,
        "slot_mean": lambda _: SLOT_MEAN,
    }
)


def make(name: str, profiles: Profiles) -> Predictor:
    """Make a forecaster.

    Parameters
    ----------
    name : str
        A name of `PREDICTORS`.
    profiles : Profiles
        All measurements of the run, the future included. Only `perfect` looks at them.

    Returns
    -------
    Predictor
        The forecaster.

    Raises
    ------
    InputError
        If there is no forecaster of that name.
    """
    if name not in PREDICTORS:
        raise InputError(f"forecast.name: must be one of {', '.join(PREDICTORS)} (got {name!r})")
    return PREDICTORS[name](profiles)
