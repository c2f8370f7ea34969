"""What is refused of profiles that a reader or a generator built."""

import numpy as np

from profiles.arrays import Floats
from profiles.errors import InputError
from profiles.local_time import YEAR_FIRST, YEAR_LAST, local_stamp, local_time
from profiles.profiles import STEP_MINUTES, Profiles


def checked(profiles: Profiles, source: str) -> Profiles:
    """Refuse profiles that break a rule, and make their arrays read-only.

    Parameters
    ----------
    profiles : Profiles
        As a reader built them.
    source : str
        File or generator, named in the message.

    Returns
    -------
    Profiles
        The same object.

    Raises
    ------
    InputError
        With the source, the home and local start of the step, the field, the limit, the first
        wrong value and how many there are.
    """
    _check_frame(profiles, source)
    columns = {"load_kwh": profiles.load_kwh, "pv_kwh": profiles.pv_kwh}
    columns |= {f"appliances_kwh.{name}": kwh for name, kwh in profiles.appliances_kwh.items()}
    signed = {f"sensors.{name}": column for name, column in profiles.sensors.items()}
    weather = {f"weather.{name}": column for name, column in profiles.weather.items()}
    shape = (profiles.load_kwh.shape[0], profiles.home_ids.size)
    for field, column in (columns | signed | weather).items():
        wanted = shape[:1] if field in weather else shape
        if column.shape != wanted or column.dtype != np.float64:
            raise InputError(
                f"{source}: {field}: must have shape {wanted}, float64 "
                f"(got {column.shape}, {column.dtype})"
            )
        _check_values(profiles, source, field, column, 0.0 if field in columns else -np.inf)
        column.setflags(write=False)
    _check_marks(profiles, source)
    profiles.home_ids.setflags(write=False)
    return profiles


def _check_frame(profiles: Profiles, source: str) -> None:
    """Check everything but the columns: ids, length of a step, start and zone."""
    if profiles.step_minutes not in STEP_MINUTES:
        limit = " or ".join(map(str, STEP_MINUTES))
        raise InputError(f"{source}: step_minutes: must be {limit} (got {profiles.step_minutes})")
    ids = profiles.home_ids
    if ids.ndim != 1 or ids.size == 0 or ids.dtype != np.int64:
        raise InputError(
            f"{source}: home_ids: must be a list of whole numbers "
            f"(got shape {ids.shape}, {ids.dtype})"
        )
    wrong = np.flatnonzero(np.diff(ids, prepend=-1) <= 0)
    if wrong.size:
        raise InputError(
            f"{source}: home_ids: must be at least 0 and strictly increasing "
            f"(got {ids[wrong[0]]} in place {wrong[0] + 1})"
        )
    if profiles.load_kwh.ndim != 2 or profiles.load_kwh.shape[0] == 0:
        raise InputError(
            f"{source}: load_kwh: must have 1 step or more (got shape {profiles.load_kwh.shape})"
        )
    _check_start(profiles, source)


def _check_start(profiles: Profiles, source: str) -> None:
    start = profiles.start_utc
    # An instant that is none at all (NaT) fails this comparison too.
    if not np.datetime64(str(YEAR_FIRST)) <= start < np.datetime64(str(YEAR_LAST + 1)):
        raise InputError(
            f"{source}: start_utc: must be from {YEAR_FIRST} to {YEAR_LAST} (got {start})"
        )
    minute = int(local_time(start, profiles.step_minutes, 1, profiles.zone).minute[0])
    if minute % profiles.step_minutes or start.astype("datetime64[m]") != start:
        raise InputError(
            f"{source}: start_utc: must be a multiple of {profiles.step_minutes} minutes after "
            f"midnight by the clock of {profiles.zone} (got {start})"
        )


def _check_marks(profiles: Profiles, source: str) -> None:
    """Check what is said about homes and readings, where anything is said."""
    count = profiles.homes_count
    if profiles.home_types and len(profiles.home_types) != count:
        raise InputError(
            f"{source}: home_types: must name one for each of {count} homes "
            f"(got {len(profiles.home_types)})"
        )
    filled = profiles.filled
    if filled is None:
        return
    if filled.shape != profiles.load_kwh.shape or filled.dtype != np.bool_:
        raise InputError(
            f"{source}: filled: must have shape {profiles.load_kwh.shape}, bool "
            f"(got {filled.shape}, {filled.dtype})"
        )
    filled.setflags(write=False)


def _check_values(
    profiles: Profiles, source: str, field: str, column: Floats, lowest: float
) -> None:
    """Refuse a value that is not finite or, where energy is meant, negative."""
    wrong = np.argwhere(~(np.isfinite(column) & (column >= lowest)))
    if wrong.size == 0:
        return
    first = tuple(wrong[0].tolist())
    length = np.timedelta64(profiles.step_minutes * 60, "s")
    place = local_stamp(profiles.start_utc + first[0] * length, profiles.zone)
    if column.ndim == 2:
        place = f"home {profiles.home_ids[first[1]]}, {place}"
    limit = "must be at least 0" if np.isfinite(column[first]) else "must be a finite number"
    raise InputError(
        f"{source}: {place}: {field}: {limit} (got {column[first]}, {len(wrong)} such in all)"
    )
