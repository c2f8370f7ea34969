"""Profiles from a user's files: the source ``file``.

What is in which file is for `files`, what a stamp means for `stamps`, gaps for `gaps`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from profiles import own_files
from profiles.arrays import Floats
from profiles.checking import checked
from profiles.config import ProfilesConfig
from profiles.errors import FitError, InputError, shown, shown_name, shown_path
from profiles.local_time import local_stamp, local_time
from profiles.profiles import Input, Origin, Profiles
from profiles.recorded import resample
from profiles.recorded.columns import (
    APPLIANCES,
    ENERGIES,
    METERED,
    SENSORS,
    WEATHER_UNITS,
    weather_how,
)
from profiles.recorded.files import Field, Homes, Sheet, homes_at
from profiles.recorded.grid import Grid, closed, gridded
from profiles.recorded.resample import Plan
from profiles.tables.stamps import Stamps, instants, stamps, zone_of
from profiles.tables.table import File, opened, table

LEAST_PEAK_KW = 0.01
"""A community whose meters never show as much was written in MWh: a router alone takes 0.01 kW."""


def read(config: ProfilesConfig, step_minutes: int) -> Profiles:
    """Read a file or folder.

    Parameters
    ----------
    config : ProfilesConfig
        Where it lies, by which clock it was written and how gaps are closed.
    step_minutes : int
        Length of a step, 15, 30 or 60 [min].

    Returns
    -------
    Profiles
        Homes in the order of their ids, whatever the order of the files and rows.

    Raises
    ------
    InputError
        One line: file, line or row, field, limit and value of the first thing that is wrong.
    """
    assert config.path is not None  # noqa: S101, checked where it is typed
    path = own_files.found(config.path)
    apart = own_files.found(config.weather_path) if config.weather_path else None
    homes = homes_at(path, apart)
    found = [stamps(sheet.table) for sheet in homes.sheets]
    zone = zone_of(found, config.zone)
    grid = _grid(homes.sheets, found, zone, homes.ids.size, config)
    grid = closed(grid, _labels(homes), zone, config)
    name = shown_path(path)
    _check_peak(grid, name)
    made = _plan(grid, step_minutes, zone, name)
    columns = {k: resample.brought(v, METERED[k], made) for k, v in grid.columns.items()}
    start_utc = grid.start_utc + np.timedelta64(made.lead_minutes, "m")
    span = start_utc, made.steps_count, step_minutes
    weather_file, weather, weather_filled = _weather(apart, span, zone, config)
    profiles = Profiles(
        home_ids=homes.ids,
        start_utc=start_utc,
        step_minutes=step_minutes,
        zone=zone,
        load_kwh=columns["load_kwh"],
        pv_kwh=columns.get("pv_kwh", np.zeros_like(columns["load_kwh"])),
        appliances_kwh={k: columns[f"{k}_kwh"] for k in APPLIANCES if f"{k}_kwh" in columns},
        weather=weather,
        sensors={k: columns[k] for k in SENSORS if k in columns},
        home_types=homes.types,
        filled=None if grid.filled is None else resample.marked(grid.filled, made),
        origin=Origin(_inputs(path, homes, weather_file), made.told, config.fill, weather_filled),
    )
    return checked(profiles, name)


def _inputs(path: Path, homes: Homes, weather: Sequence[File]) -> tuple[Input, ...]:
    """Name what was read, a file of a folder with the folder's name."""
    within = f"{path.name}/" if path.is_dir() else ""
    found = {
        f"{within}{file.input.name}": file
        for file in (*(sheet.table.file for sheet in homes.sheets), *homes.others)
    }
    for file in weather:
        name = file.input.name
        found[f"weather/{name}" if name in found else name] = file
    return tuple(
        Input(name, file.input.bytes_count, file.input.sha256) for name, file in found.items()
    )


def _grid(
    sheets: Sequence[Sheet],
    found: Sequence[Stamps],
    zone: str,
    homes_count: int,
    config: ProfilesConfig,
) -> Grid:
    seconds = [
        instants(stamp, zone, sheet.home) for sheet, stamp in zip(sheets, found, strict=True)
    ]
    return gridded(sheets, seconds, homes_count, config)


def _labels(homes: Homes) -> list[str]:
    """Name the file and the home of each column."""
    names = [homes.sheets[0].table.file.name] * homes.ids.size
    for sheet in homes.sheets:
        for field in sheet.fields:
            names[field.home] = sheet.table.file.name
    return [f"{name}: home {home}" for name, home in zip(names, homes.ids.tolist(), strict=True)]


def _check_peak(grid: Grid, name: str) -> None:
    """Refuse readings that are too small for kWh."""
    peak_kw = max(float(grid.columns[k].max()) for k in ENERGIES if k in grid.columns)
    peak_kw *= 60 / grid.native_minutes
    if 0.0 < peak_kw < LEAST_PEAK_KW:
        raise InputError(
            f"{name}: load_kwh: must reach {LEAST_PEAK_KW:g} kW at some time "
            f"(got {peak_kw:g} at most; is it in MWh?)"
        )


def _plan(grid: Grid, step_minutes: int, zone: str, name: str) -> Plan:
    """Plan the steps; they begin at multiples of their length by the local clock."""
    minute = int(local_time(grid.start_utc, grid.native_minutes, 1, zone).minute[0])
    made = resample.plan(grid.native_minutes, step_minutes, grid.intervals_count, minute)
    if made is None or made.steps_count == 0:
        limit = f"must begin at multiples of {step_minutes} minutes after midnight by the clock"
        raise InputError(f"{name}: ts: {limit} of {zone} (got {grid.stamp(0, zone)})")
    return made


def _weather(
    path: Path | None,
    span: tuple[np.datetime64, int, int],
    zone: str,
    config: ProfilesConfig,
) -> tuple[list[File], dict[str, Floats], int]:
    """Read the weather of the steps of a span (start, count, length [min])."""
    if path is None:
        return [], {}, 0
    try:
        there = path.is_file()
    except (OSError, ValueError):
        there = False
    if not there:
        raise FitError(
            "profiles.weather_path", f"must be a file (got {shown(shown_path(path), 200)})"
        )
    file = opened(path)
    sheet = _weather_sheet(file)
    found = stamps(sheet.table)
    if config.zone is None and not found.zoned:
        raise FitError(
            "profiles.zone", f"must be typed: the stamps of {file.name} have no zone (got null)"
        )
    grid = _grid([sheet], [found], zone, 1, config)
    grid = closed(grid, [file.name], zone, config)
    start_utc, count, step_minutes = span
    made = _plan(grid, step_minutes, zone, file.name)
    own_start = grid.start_utc + np.timedelta64(made.lead_minutes, "m")
    first = int((start_utc - own_start) // np.timedelta64(step_minutes, "m"))
    if first < 0 or first + count > made.steps_count:
        length = np.timedelta64(step_minutes, "m")
        wanted = _stretch(start_utc, count * length, zone)
        got = _stretch(own_start, made.steps_count * length, zone)
        limit = f"must reach from {wanted} as the meters do"
        raise InputError(f"{file.name}: ts: {limit} (got {got})")
    weather = {
        name: resample.brought(values[:, 0], weather_how(name) or "level", made)[
            first : first + count
        ].copy()
        for name, values in grid.columns.items()
    }
    filled_count = 0 if grid.filled is None else int(grid.filled.sum())
    return [file], weather, filled_count


def _weather_sheet(file: File) -> Sheet:
    names = [name for name in file.columns if name != "ts"]
    for name in names:
        if weather_how(name) is None:
            limit = f"must end in its unit, {', '.join(WEATHER_UNITS)}"
            raise InputError(f"{file.head}: {shown_name(name)}: {limit}")
    if not names:
        raise InputError(f"{file.head}: must have a column of weather beside ts (got none)")
    return Sheet(table(file), tuple(Field(name, name, 0) for name in names))


def _stretch(start_utc: np.datetime64, length: np.timedelta64, zone: str) -> str:
    return f"{local_stamp(start_utc, zone)} to {local_stamp(start_utc + length, zone)}"
