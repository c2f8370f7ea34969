"""Files that a visitor brings, read as a run would read them, and what is in them at a glance.

They are small on purpose: a dashboard serves several people from one machine. Rows are counted
before any is unpacked.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from profiles import own_files
from profiles.config import ProfilesConfig, validated
from profiles.errors import FitError, InputError
from profiles.grid_capacity import COLUMNS, GridCapacity
from profiles.local_time import days_later, local_stamp, local_time
from profiles.profiles import Profiles
from profiles.recorded import reader
from profiles.strict_yaml import Document, Value
from profiles.tables.table import SUFFIXES, opened
from scenarios import family, fit
from scenarios.schema import Scenario

HOME_STEPS_MAX = 5_000_000  # 280 homes for a year in half hours; 0.1 GB while they are read
UNPACKED_BYTES_MAX = 512_000_000
ROWS_SHOWN = 8

_OF_HOMES = ("count", "types", "without_pv", "feeders")


@dataclass(frozen=True, slots=True)
class Glance:
    """What a file holds, in words, and its first rows."""

    said: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def homes(path: Path, zone: str, fill: str, step_minutes: int) -> tuple[ProfilesConfig, Profiles]:
    """Read the meters of homes.

    Parameters
    ----------
    path : Path
        A CSV or Parquet file.
    zone : str
        Clock by which it was written; empty if its stamps say so.
    fill : str
        How gaps are closed, as `ProfilesConfig.fill`.
    step_minutes : int
        Length of a step [min].

    Returns
    -------
    ProfilesConfig, Profiles
        The section of a scenario that reads it, and what it reads.

    Raises
    ------
    InputError
        One line: file, line or row, field, limit and value of the first thing that is wrong.
    """
    data: dict[str, Value] = {"source": "file", "path": str(path), "fill": fill}
    config = validated(Document({**data, "zone": zone or None}, {}, "file"), ProfilesConfig)
    check_size(path, ("ts",))
    return config, reader.read(config, step_minutes)


def capacity(path: Path) -> GridCapacity:
    """Read what the grid brings and takes; errors as in `homes`."""
    check_size(path, COLUMNS)
    return GridCapacity.from_file(path)


def check_size(path: Path, required: tuple[str, ...]) -> None:
    """Refuse a file of more values than are read here, before any row of it is unpacked.

    Raises
    ------
    InputError
        If it has more, or is no table with the columns that are ``required``.
    """
    file = opened(path, required)
    # A row is one home and step, or one step of as many homes as there are columns of load.
    homes_count = 1
    if "home" not in file.columns and "timestep" not in file.columns:
        homes_count = max(1, sum(not each.startswith(("ts", "pv_")) for each in file.columns))
    if file.rows_count * homes_count > HOME_STEPS_MAX:
        got = f"about {file.rows_count} rows of {homes_count}"
        raise InputError(f"{file.name}: must hold at most {HOME_STEPS_MAX} home-steps (got {got})")
    if file.unpacked_bytes > UNPACKED_BYTES_MAX:
        limit = f"must unpack to at most {UNPACKED_BYTES_MAX // 1_000_000} MB"
        raise InputError(f"{file.name}: {limit} (got {file.unpacked_bytes / 1e6:.0f})")


def check_sizes(scenario: Scenario) -> None:
    """Refuse a scenario that names a table which `check_size` refuses."""
    data = scenario.model_dump()
    for section, names in family.PATHS.items():
        for path in (own_files.found(data[section][name] or "") for name in names):
            if path.suffix.lower() in SUFFIXES and path.is_file():
                check_size(path, ())


def glance_at_homes(profiles: Profiles) -> Glance:
    """Say what was metered."""
    zone, count = profiles.zone, profiles.homes_count
    end_utc = profiles.start_utc + profiles.steps_count * np.timedelta64(
        60 * profiles.step_minutes, "s"
    )
    ids = profiles.home_ids.tolist()
    listed = ", ".join(map(str, ids if count <= 12 else [*ids[:10], "...", ids[-1]]))
    with_pv = int((profiles.pv_kwh > 0.0).any(axis=0).sum())
    said = (
        f"{count} home{'' if count == 1 else 's'}: {listed}; {with_pv} with panels",
        f"{local_stamp(profiles.start_utc, zone)} to {local_stamp(end_utc, zone)}, {zone}",
        (
            f"{profiles.steps_count} steps of {profiles.step_minutes} minutes; "
            f"{profiles.origin.resampling}"
        ),
        f"{profiles.load_kwh.sum():.1f} kWh of load, {profiles.pv_kwh.sum():.1f} kWh of generation",
    )
    shown = min(profiles.steps_count, -(-ROWS_SHOWN // count))
    clock = local_time(profiles.start_utc, profiles.step_minutes, shown, zone)
    stamps = clock.day.astype("datetime64[D]") + clock.minute.astype("timedelta64[m]")
    rows = [
        (str(stamps[step]).replace("T", " "), str(home), f"{load:.3f}", f"{pv:.3f}")
        for step in range(shown)
        for home, load, pv in zip(
            ids, profiles.load_kwh[step].tolist(), profiles.pv_kwh[step].tolist(), strict=True
        )
    ]
    return Glance(said, ("local time", "home", "load [kWh]", "PV [kWh]"), tuple(rows[:ROWS_SHOWN]))


def glance_at_capacity(found: GridCapacity, step_minutes: int) -> Glance:
    """Say what the grid brings and takes."""
    import_kw, export_kw = found.import_capacity_kw, found.export_capacity_kw
    days = found.steps_count * step_minutes / (24 * 60)
    said = (
        f"{found.steps_count} steps, {days:.1f} days of {step_minutes} minutes each",
        (
            f"import {import_kw.min():.1f} to {import_kw.max():.1f} kW, "
            f"export {export_kw.min():.1f} to {export_kw.max():.1f} kW"
        ),
    )
    rows = [
        (str(step), f"{bought:.1f}", f"{sold:.1f}")
        for step, (bought, sold) in enumerate(
            zip(import_kw[:ROWS_SHOWN].tolist(), export_kw[:ROWS_SHOWN].tolist(), strict=True)
        )
    ]
    return Glance(said, ("step", "import [kW]", "export [kW]"), tuple(rows))


def with_homes(
    scenario: Scenario, config: ProfilesConfig, profiles: Profiles
) -> tuple[Scenario, list[str]]:
    """Let a scenario be run on other homes, and say what had to change with them.

    Homes that it names are taken out if the new data does not have them, and its days are moved to
    the last ones of the record if they are not in it.
    """
    changed = scenario.model_copy(update={"profiles": config})
    said: list[str] = []
    for _ in range(2):
        try:
            fit.check(changed, profiles)
        except FitError as error:
            section = error.path.split(".")[0]
            if section == "homes":
                plain = {name: Scenario().homes.model_dump()[name] for name in _OF_HOMES}
                homes = changed.homes.model_copy(update=plain)
                changed = changed.model_copy(update={"homes": homes})
                said.append("all its homes take part")
            elif section == "run":
                changed, told = _last_days(changed, profiles)
                said.append(told)
        except InputError:  # of something else, which the visitor hears when it is run
            break
    return changed, said


def with_capacity(scenario: Scenario, path: str) -> Scenario:
    """Let a scenario be run under the capacity of a file instead of two constants."""
    limits = {"community_import_kw_max": None, "community_export_kw_max": None}
    grid = scenario.grid.model_copy(update={"capacity_path": path, **limits})
    return scenario.model_copy(update={"grid": grid})


def _last_days(scenario: Scenario, profiles: Profiles) -> tuple[Scenario, str]:
    """Run the last days of the record, as many as there were or fit behind the history."""
    zone = profiles.zone
    end_utc = profiles.start_utc + profiles.steps_count * np.timedelta64(
        60 * profiles.step_minutes, "s"
    )
    earliest = days_later(profiles.start_utc, fit.HISTORY_DAYS, zone)
    days = scenario.run.days
    while days > 1 and days_later(end_utc, -days, zone) < earliest:
        days -= 1
    start = local_stamp(days_later(end_utc, -days, zone), zone)
    run = scenario.run.model_copy(update={"start": start, "days": days})
    many = f"{days} day{'' if days == 1 else 's'}"
    return scenario.model_copy(update={"run": run}), f"it runs {many} from {start}"
