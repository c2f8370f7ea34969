"""Whether a scenario fits the profiles it is to be run on.

Each section of a scenario is checked where it is defined. What remains needs the data: homes that
exist, days that were metered, enough history before them.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from forecasting import predictors, samples
from profiles import fontana, synthetic, tariffs
from profiles.config import ProfilesConfig
from profiles.errors import FitError, InputError
from profiles.local_time import local_stamp, utc_from_local
from profiles.profiles import Profiles
from scenarios.schema import Scenario

SOURCES: Mapping[str, Callable[[ProfilesConfig, int, int], Profiles]] = MappingProxyType(
    {
        "fontana": lambda _config, step_minutes, _seed: fontana.read(step_minutes),
        "synthetic": lambda config, step_minutes, seed: synthetic.generate(
            config.synthetic, step_minutes, seed
        ),
    }
)
"""Readers of profiles by name; they take the section, the length of a step [min] and the seed."""

HISTORY_DAYS = 15  # known before a run starts, so that forecasters and their errors have a past


def read_profiles(scenario: Scenario) -> Profiles:
    """Read everything that was metered, of all homes of the source."""
    config = scenario.profiles
    return SOURCES[config.source](config, scenario.run.step_minutes, scenario.seed)


def check(scenario: Scenario, profiles: Profiles) -> None:
    """Refuse a scenario that does not fit its profiles.

    Parameters
    ----------
    scenario : Scenario
        What is asked for.
    profiles : Profiles
        All that was metered.

    Raises
    ------
    FitError
        With the first field that does not fit, its limit and its value.
    """
    _check_homes(scenario, profiles)
    if scenario.tariff.name not in tariffs.names():
        known = ", ".join(tariffs.names())
        raise FitError("tariff.name", f"must be one of {known} (got {scenario.tariff.name!r})")
    first_step, _ = span(scenario, profiles)
    _check_samples(scenario, profiles, first_step)


def home_ids(scenario: Scenario, profiles: Profiles) -> list[int]:
    """Return the ids of the homes that take part, from the lowest up."""
    ids: list[int] = profiles.home_ids.tolist()
    return ids[: scenario.homes.count]


def span(scenario: Scenario, profiles: Profiles) -> tuple[int, int]:
    """Find the simulated steps in the profiles.

    Returns
    -------
    first_step, steps_count : int
        Index of the first step in the profiles, and how many follow, itself included.

    Raises
    ------
    FitError
        If the start is no time or no start of a step, lies before the history is complete,
        or the run would end after the profiles do; with the first and last possible start.
    """
    run = scenario.run
    day = profiles.steps_per_day
    steps_count = run.days * day
    spare_days = (profiles.steps_count - HISTORY_DAYS * day) // day
    if run.days > spare_days:
        raise FitError(
            "run.days",
            f"must be at most {spare_days}, {HISTORY_DAYS} days of history come first "
            f"(got {run.days})",
        )
    first_step = _step(scenario, profiles)
    earliest, latest = HISTORY_DAYS * day, profiles.steps_count - steps_count
    if first_step < earliest:
        raise FitError(
            "run.start",
            f"must be {_stamp(profiles, earliest)} or later, after {HISTORY_DAYS} days of "
            f"history (got {run.start})",
        )
    if first_step > latest:
        raise FitError(
            "run.start",
            f"must be {_stamp(profiles, latest)} or earlier for {run.days} days (got {run.start})",
            FitError(
                "run.days",
                f"must be at most {(profiles.steps_count - first_step) // day} from {run.start} "
                f"(got {run.days})",
            ),
        )
    return first_step, steps_count


def _step(scenario: Scenario, profiles: Profiles) -> int:
    """Count steps from the start of the profiles to that of the run; below 0 if it is earlier."""
    try:
        start_utc = utc_from_local(scenario.run.start, profiles.zone)
    except InputError as error:
        raise FitError("run.start", str(error)) from None
    seconds = int((start_utc - profiles.start_utc) / np.timedelta64(1, "s"))
    step, rest = divmod(seconds, 60 * profiles.step_minutes)
    if rest:
        raise FitError(
            "run.start",
            f"must be the start of a {profiles.step_minutes}-minute step "
            f"(got {scenario.run.start})",
        )
    return step


def _stamp(profiles: Profiles, step: int) -> str:
    length = np.timedelta64(profiles.step_minutes, "m")
    return local_stamp(profiles.start_utc + step * length, profiles.zone)


def _check_homes(scenario: Scenario, profiles: Profiles) -> None:
    homes, known = scenario.homes, profiles.home_ids.tolist()
    if homes.count is not None and homes.count > len(known):
        raise FitError("homes.count", f"must be at most {len(known)} (got {homes.count})")
    for home_id in homes.without_pv:
        if home_id not in known:
            shown = ", ".join(map(str, known if len(known) <= 20 else [*known[:10], "..."]))
            raise FitError("homes.without_pv", f"must be among {shown} (got {home_id})")
        if homes.without_pv.count(home_id) > 1:
            raise FitError("homes.without_pv", f"must name each home once (got {home_id} twice)")


def _check_samples(scenario: Scenario, profiles: Profiles, first_step: int) -> None:
    forecast, day = scenario.forecast, profiles.steps_per_day
    predictor = predictors.make(forecast.name, profiles)
    visible = first_step + 1  # the meters of the first step have been read when it is decided
    if samples.history_steps(predictor, forecast.samples_count, day) <= visible:
        return
    most = max(0, (visible - predictor.history_steps(day)) // day)
    raise FitError(
        "forecast.samples_count",
        f"must be at most {most} with {first_step // day} days of history before the run "
        f"(got {forecast.samples_count})",
    )
