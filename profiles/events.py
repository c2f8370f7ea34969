"""Hours in which homes use more or less than they were metered to: a match, a fair, a holiday.

A file lists them, a row each: `start` and `end` by the clock of the profiles, or with a zone of
their own; `homes`, ids with spaces between them, or `all`; `load_factor`, by which the load of
these homes is multiplied from start to before end. Where events meet, both multiply. What they make
of a load is what is metered: forecasts learn of it as of any reading.
"""

from dataclasses import replace

import numpy as np

from profiles.arrays import Booleans, Floats, Integers
from profiles.profiles import Profiles
from profiles.tables import stamps
from profiles.tables.table import Table, opened, table, typed_path

KNOB = "profiles.events_path"
COLUMNS = ("start", "end", "homes", "load_factor")
EVERYBODY = "all"
FACTOR_MAX = 100.0
"""Largest factor that is believed [1]."""


def applied(profiles: Profiles, path: str) -> Profiles:
    """Multiply the load of homes in the events of a file.

    Parameters
    ----------
    profiles : Profiles
        What was metered; load of appliances is multiplied alike.
    path : str
        CSV or Parquet file with the columns `COLUMNS`.

    Returns
    -------
    Profiles
        The file is among what they were made from.

    Raises
    ------
    InputError
        With the file and the place: no such file, a column too many or too few, a time that begins
        no step of the profiles, an end that is not after its start, an unknown home or one named
        twice, a factor that is no number from 0 to 100, alone or times others.
    """
    file = opened(typed_path(KNOB, path), COLUMNS)
    file.check_known(COLUMNS)
    rows = table(file)
    first, end = (_steps(rows, column, profiles) for column in COLUMNS[:2])
    if (end <= first).any():
        raise rows.refusal(end <= first, "end", "must be after start")
    rows.check_given("load_factor")
    factors = rows.numbers("load_factor", 0.0, FACTOR_MAX)
    factor = np.ones(profiles.load_kwh.shape)
    for row, homes in enumerate(_homes(rows, profiles.home_ids)):
        during = slice(first[row], end[row])
        factor[during, homes] *= factors[row]
        if (factor[during, homes] > FACTOR_MAX).any():
            limit = f"must be at most {FACTOR_MAX:g}, times the events above that it meets"
            raise rows.refusal(np.arange(rows.rows_count) == row, "load_factor", limit)
    return _multiplied(profiles, factor, rows)


def _multiplied(profiles: Profiles, factor: Floats, rows: Table) -> Profiles:
    """Multiply loads, (T, n), and say that it was done."""

    def times(load_kwh: Floats) -> Floats:
        made: Floats = factor * load_kwh
        made.setflags(write=False)
        return made

    source = replace(rows.file.input, name=f"{KNOB}: {rows.file.input.name}")
    return replace(
        profiles,
        load_kwh=times(profiles.load_kwh),
        appliances_kwh={name: times(kwh) for name, kwh in profiles.appliances_kwh.items()},
        origin=replace(profiles.origin, inputs=(*profiles.origin.inputs, source)),
    )


def _steps(rows: Table, column: str, profiles: Profiles) -> Integers:
    """Find the steps that begin at the stamps of a column, (rows,); the last may be just over."""
    found = stamps.instants(stamps.stamps(rows, column), profiles.zone, None)
    begin_s = int(profiles.start_utc.astype("datetime64[s]").astype(np.int64))
    steps, left_s = np.divmod(found - begin_s, 60 * profiles.step_minutes)
    if left_s.any():
        limit = f"must be the start of a {profiles.step_minutes}-minute step"
        raise rows.refusal(left_s != 0, column, limit)
    outside = (steps < 0) | (steps > profiles.steps_count)
    if outside.any():
        raise rows.refusal(outside, column, "must lie within the profiles")
    return steps


def _homes(rows: Table, known: Integers) -> list[Booleans]:
    """Tell whose load each row is about, (n,) each."""
    codes, texts = rows.texts("homes")
    masks: list[Booleans] = []
    for code, text in enumerate(texts.to_pylist()):
        ids = text.split()
        if ids == [EVERYBODY]:
            masks.append(np.ones(known.size, np.bool_))
            continue
        wanted = np.array([int(each) if _is_id(each) else -1 for each in ids], np.int64)
        for wrong, limit in (
            (not ids or (wanted < 0).any(), "must be ids with spaces between them, or all"),
            (not np.isin(wanted, known).all(), "must be homes of the profiles"),
            (np.unique(wanted).size < wanted.size, "must name each home once"),
        ):
            if wrong:
                raise rows.refusal(codes == code, "homes", limit)
        masks.append(np.isin(known, wanted))
    return [masks[code] for code in codes.tolist()]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15
