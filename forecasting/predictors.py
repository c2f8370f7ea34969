"""The table of forecasters by name: a new one is one file and one line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

from forecasting.baselines import PERSISTENCE, SEASONAL_DAY, SEASONAL_WEEK, SLOT_MEAN
from forecasting.config import PredictorName, RidgeConfig
from forecasting.forecast import Predictor
from forecasting.perfect import HalfPerfect, Perfect
from forecasting.ridge import ridge
from profiles.errors import InputError
from profiles.profiles import Profiles

# Only those that know the future keep the measurements; the others forget them at once.
PREDICTORS: Mapping[PredictorName, Callable[[Profiles, RidgeConfig], Predictor]] = MappingProxyType(
    {
        "perfect": lambda profiles, _: Perfect(profiles),
        "persistence": lambda *_: PERSISTENCE,
        "seasonal_day": lambda *_: SEASONAL_DAY,
        "seasonal_week": lambda *_: SEASONAL_WEEK,
        "slot_mean": lambda *_: SLOT_MEAN,
        "ridge": ridge,
        "perfect_load": lambda whole, knobs: HalfPerfect(Perfect(whole), ridge(whole, knobs)),
        "perfect_pv": lambda whole, knobs: HalfPerfect(ridge(whole, knobs), Perfect(whole)),
    }
)


def make(name: str, profiles: Profiles, knobs: RidgeConfig | None = None) -> Predictor:
    """Make a forecaster.

    Parameters
    ----------
    name : str
        A name of `PREDICTORS`.
    profiles : Profiles
        All measurements of the run, the future included; only the perfect look at them.
    knobs : RidgeConfig, optional
        For `ridge`; its defaults if None.

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
    return PREDICTORS[cast("PredictorName", name)](profiles, knobs or RidgeConfig())
