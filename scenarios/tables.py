"""Results as tidy Parquet tables, each field with its unit and meaning in the metadata."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from model.results import PRICE_COLUMNS, STEP_COLUMNS, TRADE_COLUMNS, Column, Results
from profiles.local_time import local_time

_ROWS_AT_ONCE = 250_000  # of a table, in memory and in a row group

_KINDS = {
    np.float64: pa.float64(),
    np.float32: pa.float32(),
    np.int64: pa.int64(),
    np.int8: pa.int8(),
    np.bool_: pa.bool_(),
}

_ARM = pa.field(
    "arm", pa.dictionary(pa.int32(), pa.string()), metadata={"unit": "", "meaning": "arm"}
)
_STEP = Column("step", np.int64, "", "step of the run, 0 first")
_HOME = Column("household_id", np.int64, "", "id of the home")
_START_UTC = pa.field(
    "start_utc",
    pa.timestamp("s", tz="UTC"),
    metadata={"unit": "", "meaning": "start of the step"},
)
_START_LOCAL = pa.field(
    "start_local", pa.string(), metadata={"unit": "", "meaning": "the same by the local clock"}
)


def _field(column: Column) -> pa.Field:
    kind = _KINDS[column.dtype]
    return pa.field(column.name, kind, metadata={"unit": column.unit, "meaning": column.meaning})


STEPS = pa.schema([_ARM, *map(_field, (_STEP, _HOME, *STEP_COLUMNS))])
TRADES = pa.schema([_ARM, *map(_field, TRADE_COLUMNS)])
PRICES = pa.schema([_ARM, _field(_STEP), _START_UTC, _START_LOCAL, *map(_field, PRICE_COLUMNS)])


def write_steps(path: Path, arms: Mapping[str, Results]) -> None:
    """Write what every home did in every step of every arm."""
    _write(path, STEPS, (part for name, results in arms.items() for part in _steps(name, results)))


def write_trades(path: Path, arms: Mapping[str, Results]) -> None:
    """Write every trade of every arm."""
    parts = (
        _batch(TRADES, name, [results.trades[column.name] for column in TRADE_COLUMNS])
        for name, results in arms.items()
    )
    _write(path, TRADES, parts)


def write_prices(path: Path, arms: Mapping[str, Results]) -> None:
    """Write the prices of every step of every arm; NaN stands where there is no price."""
    _write(path, PRICES, (_prices(name, results) for name, results in arms.items()))


def _steps(name: str, results: Results) -> Iterator[pa.RecordBatch]:
    homes_count = results.homes_count
    steps_at_once = max(1, _ROWS_AT_ONCE // homes_count)
    for first in range(0, results.steps_count, steps_at_once):
        step = np.arange(first, min(first + steps_at_once, results.steps_count))
        values = [results.steps[column.name] for column in STEP_COLUMNS]
        yield _batch(
            STEPS,
            name,
            [
                np.repeat(step, homes_count),
                np.tile(results.home_ids, step.size),
                *(value[step[0] : step[-1] + 1].ravel() for value in values),
            ],
        )


def _prices(name: str, results: Results) -> pa.RecordBatch:
    step = np.arange(results.steps_count)
    start_utc = results.start_utc + step * np.timedelta64(60 * results.step_minutes, "s")
    local = local_time(results.start_utc, results.step_minutes, results.steps_count, results.zone)
    clock = local.day.astype("datetime64[D]") + local.minute.astype("timedelta64[m]")
    columns = [results.prices[column.name] for column in PRICE_COLUMNS]
    return _batch(PRICES, name, [step, start_utc, np.datetime_as_string(clock), *columns])


def _batch(schema: pa.Schema, name: str, columns: Iterable[np.ndarray]) -> pa.RecordBatch:
    fields = list(schema)[1:]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, fields, strict=True)]
    arm = pa.DictionaryArray.from_arrays(np.zeros(len(arrays[0]), dtype=np.int32), [name])
    return pa.record_batch([arm, *arrays], schema=schema)


def _write(path: Path, schema: pa.Schema, parts: Iterable[pa.RecordBatch]) -> None:
    """Write a table with encodings that suit what it holds."""
    # The bytes of a float apart from each other compress better than together; amounts and
    # steps change little from row to row. Both keep every bit.
    suited = {
        pa.float64(): "BYTE_STREAM_SPLIT",
        pa.float32(): "BYTE_STREAM_SPLIT",
        pa.int64(): "DELTA_BINARY_PACKED",
    }
    encoding = {field.name: suited[field.type] for field in schema if field.type in suited}
    writer = parquet.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=3,
        use_dictionary=["arm"],
        column_encoding=encoding,
    )
    with writer:
        for part in parts:
            writer.write_batch(part)
