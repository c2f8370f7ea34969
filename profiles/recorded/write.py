"""Profiles as a file that `recorded` reads back to the same numbers.

T is the number of steps, n of homes. A file is whole or not there.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from profiles.arrays import Floats
from profiles.local_time import local_time
from profiles.profiles import Profiles
from profiles.tables.writing import is_csv, write

_ROWS_AT_ONCE = 500_000


def write_long(profiles: Profiles, path: Path) -> None:
    """Write a row per step and home: ts, home, load_kwh, pv_kwh and whatever else is known.

    Parameters
    ----------
    profiles : Profiles
        What is written; numbers keep every bit.
    path : Path
        To create or replace; `.csv` or `.parquet` says how.

    Raises
    ------
    InputError
        If the name ends otherwise.
    OSError
        If writing fails; then the path is as it was.
    """
    columns = {"load_kwh": profiles.load_kwh, "pv_kwh": profiles.pv_kwh}
    columns |= {f"{name}_kwh": kwh for name, kwh in profiles.appliances_kwh.items()}
    columns |= profiles.sensors
    fields = [("ts", _stamp_type(profiles, path)), ("home", pa.int64())]
    fields += [(name, pa.float64()) for name in columns]
    if profiles.home_types:
        fields.append(("type", pa.string()))
    schema = pa.schema(fields)
    write(path, schema, _rows(profiles, columns, schema))


def write_weather(profiles: Profiles, path: Path) -> None:
    """Write a row per step: ts and the columns of the weather; otherwise as `write_long`."""
    kind = _stamp_type(profiles, path)
    schema = pa.schema([("ts", kind), *((name, pa.float64()) for name in profiles.weather)])
    values = [pa.array(column) for column in profiles.weather.values()]
    batch = pa.record_batch([_stamps(profiles, kind), *values], schema=schema)
    write(path, schema, [batch])


def _rows(
    profiles: Profiles, columns: dict[str, Floats], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Give the steps in parts, the homes of a step together."""
    stamps = _stamps(profiles, schema.field("ts").type)
    count = profiles.homes_count
    steps_at_once = max(1, _ROWS_AT_ONCE // count)
    types = pa.array(profiles.home_types, pa.string())
    for first in range(0, profiles.steps_count, steps_at_once):
        step = np.arange(first, min(first + steps_at_once, profiles.steps_count))
        arrays = [
            stamps.take(pa.array(np.repeat(step, count))),
            pa.array(np.tile(profiles.home_ids, step.size)),
            *(pa.array(values[step[0] : step[-1] + 1].ravel()) for values in columns.values()),
        ]
        if profiles.home_types:
            arrays.append(types.take(pa.array(np.tile(np.arange(count), step.size))))
        yield pa.record_batch(arrays, schema=schema)


def _stamp_type(profiles: Profiles, path: Path) -> pa.DataType:
    """Texts with an offset in CSV, instants that know their zone in Parquet."""
    return pa.string() if is_csv(path) else pa.timestamp("ms", profiles.zone)


def _stamps(profiles: Profiles, kind: pa.DataType) -> pa.Array:
    """Name each step by its start, (T,)."""
    steps = np.arange(profiles.steps_count) * np.timedelta64(60 * profiles.step_minutes, "s")
    starts = profiles.start_utc + steps
    if not pa.types.is_string(kind):
        return pa.array(starts.astype("datetime64[ms]"), pa.timestamp("ms")).cast(kind)
    local = local_time(
        profiles.start_utc, profiles.step_minutes, profiles.steps_count, profiles.zone
    )
    wall = local.day.astype("datetime64[D]").astype("datetime64[m]") + local.minute.astype("m8[m]")
    texts = np.datetime_as_string(wall, unit="m")
    offsets = ((wall - starts.astype("datetime64[m]")) / np.timedelta64(1, "m")).astype(np.int64)
    ends = [
        f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        for minutes in offsets.tolist()
    ]
    return pa.array([text + end for text, end in zip(texts.tolist(), ends, strict=True)])
