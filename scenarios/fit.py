"""Whether a scenario fits the profiles it is to be run on.

Each section of a scenario is checked where it is defined. What remains needs the data: homes that
exist, days that were metered, enough history before them.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from forecasting import samples
from forecasting.federated.pace import in_a_run
from profiles import carbon, sources
from profiles.arrays import Integers
from profiles.config import ProfilesConfig, SyntheticConfig, validated
from profiles.errors import FitError, InputError, shown, shown_name
from profiles.local_time import days_between, days_later, local_stamp, utc_from_local
from profiles.profiles import Profiles
from profiles.sources import Told
from profiles.strict_yaml import Document, Value
from profiles.tariffs import catalogue
from profiles.tariffs.tariff import Tariff
from scenarios import capacity, clients, kept, networks, outage
from scenarios.failures import knobs_blamed
from scenarios.schema import Scenario

HISTORY_DAYS = 15  # known before a run starts, so that forecasters and their errors have a past


def read_profiles(scenario: Scenario, told: Told | None = None) -> Profiles:
    """Read what was metered, of all homes of the source, as far as a run looks at it.

    Parameters
    ----------
    scenario : Scenario
        What is to be run.
    told : callable, optional
        Told how many homes are done and how many there are, where that takes its time.
    """
    wanted = asked(scenario)
    return kept.profiles(wanted, lambda: _read(wanted, told))


def asked(scenario: Scenario) -> kept.Asked:
    """Say what is read for a scenario: sensors too, where networks may look at them."""
    whole = scenario.forecast.name == networks.NAME
    return kept.Asked(source(scenario), scenario.run.step_minutes, scenario.seed, whole)


def _read(wanted: kept.Asked, told: Told | None) -> Profiles:
    profiles = sources.read(wanted.config, wanted.step_minutes, wanted.seed, told)
    return profiles if wanted.whole else replace(profiles, appliances_kwh={}, sensors={})


def source(scenario: Scenario) -> ProfilesConfig:
    """Let as many homes be generated as take part, where nothing else says how many."""
    config, homes = scenario.profiles, scenario.homes
    generated = config.synthetic
    if config.source != "synthetic" or generated.homes_count or generated.types:
        return config
    asked: dict[str, Value]
    if homes.types:
        asked = {"types": {name: count for name, count in homes.types.items() if count}}
    elif homes.count:
        asked = {"homes_count": homes.count}
    else:
        return config
    document = Document({**generated.model_dump(mode="json"), **asked}, {}, "synthetic")
    try:
        made = validated(document, SyntheticConfig)
    except InputError as error:  # "synthetic: homes_count: must be at most ..."
        path = "homes.types" if homes.types else "homes.count"
        raise FitError(path, str(error).split(": ", 2)[2]) from None
    return config.model_copy(update={"synthetic": made})


def source_knob(scenario: Scenario) -> str:
    """Name the knob that says which profiles there are."""
    return "profiles.path" if scenario.profiles.path else "profiles.source"


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
    InputError
        If a file that tariff, carbon or grid reads is wrong, with the place in it.
    """
    check_homes(scenario, profiles)
    tariff = knobs_blamed(lambda: catalogue.load(scenario.tariff, scenario.seed))
    rates = knobs_blamed(lambda: carbon.load(scenario.carbon))
    first_step, steps_count = span(scenario, profiles)
    _check_forecaster(scenario, profiles, tariff, (first_step, steps_count))
    if scenario.federated.enabled:
        clients.check(scenario.federated, len(home_ids(scenario, profiles)), in_a_run)
    # A tariff that reads prices from a file must have them for the run.
    step_minutes = profiles.step_minutes
    start_utc = profiles.start_utc + first_step * np.timedelta64(step_minutes, "m")
    ahead_steps = scenario.forecast.horizon_steps(step_minutes)
    tariff.grid_prices(start_utc, step_minutes, steps_count, profiles.zone, ahead_steps)
    if rates is not None:
        rates.kg_per_kwh(start_utc, step_minutes, steps_count, profiles.zone)
    capacity.load(scenario, profiles, len(home_ids(scenario, profiles)), steps_count)
    outage.steps(scenario, profiles, (first_step, steps_count))


def home_ids(scenario: Scenario, profiles: Profiles) -> list[int]:
    """Return the ids of the homes that take part, from the lowest up, of each type if asked."""
    ids: list[int] = profiles.home_ids.tolist()
    wanted = scenario.homes.types
    if not wanted:
        return ids[: scenario.homes.count]
    of_type = zip(ids, profiles.home_types, strict=True)
    groups: dict[str, list[int]] = {name: [] for name in wanted}
    for home_id, name in of_type:
        if name in groups and len(groups[name]) < wanted[name]:
            groups[name].append(home_id)
    return sorted(home_id for group in groups.values() for home_id in group)


def taking_part(scenario: Scenario, profiles: Profiles) -> Profiles:
    """Keep the homes that take part, without the panels of those that are to have none."""
    ids = home_ids(scenario, profiles)
    return profiles.select(ids).without_pv(set(scenario.homes.without_pv) & set(ids))


def feeder(scenario: Scenario, home_ids: Integers) -> Integers:
    """Tell the number of the feeder that each home of ``home_ids`` hangs on, shape (n,).

    Without names, blocks of neighbouring ids as equal as can be.
    """
    count = home_ids.size
    if not scenario.homes.feeders:
        return np.arange(count) * min(scenario.market.regional.feeders_count, count) // count
    hung = {home_id: n for n, ids in enumerate(scenario.homes.feeders.values()) for home_id in ids}
    return np.array([hung[home_id] for home_id in home_ids.tolist()], dtype=np.int64)


def span(scenario: Scenario, profiles: Profiles) -> tuple[int, int]:
    """Find the simulated steps in the profiles.

    A day is one of the local calendar: it has 23 or 25 hours when the clock changes.

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
    run, zone = scenario.run, profiles.zone
    earliest = days_later(profiles.start_utc, HISTORY_DAYS, zone)
    end = _instant(profiles, profiles.steps_count)
    spare_days = max(0, _whole_days(earliest, end, zone))
    if spare_days == 0:
        got = f"{local_stamp(profiles.start_utc, zone)} to {local_stamp(end, zone)}"
        limit = f"must hold {HISTORY_DAYS + 1} days or more, {HISTORY_DAYS} of them history"
        raise FitError(source_knob(scenario), f"{limit} (got {got})")
    if run.days > spare_days:
        raise FitError(
            "run.days",
            f"must be at most {spare_days}, {HISTORY_DAYS} days of history come first "
            f"(got {run.days})",
        )
    start = _start(scenario, profiles)
    if start < earliest:
        raise FitError(
            "run.start",
            f"must be {local_stamp(earliest, zone)} or later, after {HISTORY_DAYS} days of "
            f"history (got {run.start})",
        )
    if start >= end or days_later(start, run.days, zone) > end:
        latest = local_stamp(days_later(end, -run.days, zone), zone)
        raise FitError(
            "run.start",
            f"must be {latest} or earlier for {run.days} days (got {run.start})",
            FitError(
                "run.days",
                f"must be at most {max(0, _whole_days(start, end, zone))} from {run.start} "
                f"(got {run.days})",
            ),
        )
    first_step = _steps(profiles, start)
    return first_step, _steps(profiles, days_later(start, run.days, zone)) - first_step


def _start(scenario: Scenario, profiles: Profiles) -> np.datetime64:
    """Find the start of the run, which is that of a step."""
    try:
        start_utc = utc_from_local(scenario.run.start, profiles.zone)
    except InputError as error:
        raise FitError("run.start", str(error)) from None
    if start_utc != _instant(profiles, _steps(profiles, start_utc)):
        raise FitError(
            "run.start",
            f"must be the start of a {profiles.step_minutes}-minute step "
            f"(got {scenario.run.start})",
        )
    return start_utc


def _steps(profiles: Profiles, instant: np.datetime64) -> int:
    """Count whole steps from the start of the profiles to an instant; below 0 if it is earlier."""
    return int((instant - profiles.start_utc) // np.timedelta64(profiles.step_minutes, "m"))


def _instant(profiles: Profiles, step: int) -> np.datetime64:
    return profiles.start_utc + step * np.timedelta64(60 * profiles.step_minutes, "s")


def _whole_days(start: np.datetime64, end: np.datetime64, zone: str) -> int:
    """Count the whole days of the local calendar that fit between two instants."""
    days = math.floor(days_between(start, end, zone))
    return days if days_later(start, days, zone) <= end else days - 1


def check_homes(scenario: Scenario, profiles: Profiles) -> None:
    """Refuse homes that are not among the profiles (`FitError`)."""
    homes, known = scenario.homes, profiles.home_ids.tolist()
    _check_types(homes.types, profiles.home_types)
    if homes.count is not None and homes.count > len(known):
        raise FitError("homes.count", f"must be at most {len(known)} (got {homes.count})")
    for home_id in homes.without_pv:
        if home_id not in known:
            shown = ", ".join(map(str, known if len(known) <= 20 else [*known[:10], "..."]))
            raise FitError("homes.without_pv", f"must be among {shown} (got {home_id})")
        if homes.without_pv.count(home_id) > 1:
            raise FitError("homes.without_pv", f"must name each home once (got {home_id} twice)")
    _check_feeders(homes.feeders, known, home_ids(scenario, profiles))


def _check_feeders(
    feeders: Mapping[str, tuple[int, ...]], known: list[int], taking_part: list[int]
) -> None:
    """Refuse feeders that name a home that there is not, or leave out one that takes part."""
    hung = [home_id for ids in feeders.values() for home_id in ids]
    strangers = [home_id for home_id in hung if home_id not in known]
    if strangers:
        raise FitError("homes.feeders", f"must name homes of the profiles (got {strangers[0]})")
    missing = [home_id for home_id in taking_part if home_id not in hung]
    if feeders and missing:
        raise FitError("homes.feeders", f"must name all homes that take part (not {missing[0]})")


def _check_types(wanted: Mapping[str, int], types: tuple[str, ...]) -> None:
    """Refuse more homes of a type than there are."""
    known = sorted(set(types))
    for name, count in wanted.items():
        if count and name not in known:
            listed = f"must be among {', '.join(known)}" if known else "these profiles name none"
            raise FitError(f"homes.types.{shown_name(name)}", f"{listed} (got {shown(name)})")
        if count > types.count(name):
            limit = f"must be at most {types.count(name)} (got {count})"
            raise FitError(f"homes.types.{name}", limit)


def _check_forecaster(
    scenario: Scenario, profiles: Profiles, tariff: Tariff, lived: tuple[int, int]
) -> None:
    """Refuse a forecaster that does not fit, has seen the run or has too little history."""
    predictor = networks.predictor(scenario, profiles, tariff)
    part = profiles.select(home_ids(scenario, profiles))
    networks.check_unseen(scenario, part, predictor, lived)
    forecast, day, first_step = scenario.forecast, profiles.steps_per_day, lived[0]
    visible = first_step + 1  # the meters of the first step have been read when it is decided
    if samples.history_steps(predictor, forecast.samples_count, day) <= visible:
        return
    most = max(0, (visible - predictor.history_steps(day)) // day)
    raise FitError(
        "forecast.samples_count",
        f"must be at most {most} with {first_step // day} days of history before the run "
        f"(got {forecast.samples_count})",
    )
