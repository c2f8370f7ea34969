"""Results as tidy Parquet tables, each field with its unit and meaning in the metadata.

A chunk of a run is a row group. Long runs stream each arm into files of its own (`Parts`), and
these are put together in the end.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from model.results import (
    PRICE_COLUMNS,
    ROUND_COLUMNS,
    STEP_COLUMNS,
    TRADE_COLUMNS,
    Chunk,
    Column,
    Columns,
    Results,
)
from profiles.arrays import Integers
from profiles.local_time import local_time

STEPS_FILE, TRADES_FILE = "steps.parquet", "trades.parquet"
PRICES_FILE, ROUNDS_FILE = "prices.parquet", "rounds.parquet"

_BYTES_AT_ONCE = 1 << 20  # of a ledger that is read

_KINDS = {
    np.float64: pa.float64(),
    np.float32: pa.float32(),
    np.int64: pa.int64(),
    np.int8: pa.int8(),
    np.bool_: pa.bool_(),
    np.str_: pa.string(),
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
ROUNDS = pa.schema([_ARM, *map(_field, ROUND_COLUMNS)])


class Parts:
    """A tape of files: the tables and the ledger of one arm.

    Each chunk is a file of steps and one of trades. The ledger is written while the context is
    open; all can be read once it is closed, by another process too. What a run that was ended
    early has left is still there when the next one opens the files: it is taken up with `rewind`,
    or written over from the start.

    Parameters
    ----------
    folder : Path
        Where the files are made.
    arm : str
        Name of the arm.
    home_ids : ndarray, shape (n,)
        Names of the homes.
    keeps_ledger : bool
        Else the ledger goes nowhere.
    """

    def __init__(self, folder: Path, arm: str, home_ids: Integers, *, keeps_ledger: bool) -> None:
        self.folder, self.arm, self.home_ids = folder, arm, home_ids
        self.ledger_path = folder / f"{arm}.ledger.bin" if keeps_ledger else None
        self.chunks_count = 0
        self._ledger: BinaryIO | None = None

    def __enter__(self) -> Self:
        path = self.ledger_path
        if path is None:
            self._ledger = Path(os.devnull).open("wb")
        else:
            path.touch()
            self._ledger = path.open("r+b")
        return self

    def __exit__(self, *_: object) -> None:
        ledger, self._ledger = self.ledger, None
        ledger.close()

    @property
    def ledger(self) -> BinaryIO:
        """File that the ledger is written to."""
        if self._ledger is None:
            raise ValueError(f"the files of {self.arm} are not open for writing")
        return self._ledger

    def write(self, chunk: Chunk) -> None:
        """Write the next chunk to files of its own."""
        if self._ledger is None:
            raise ValueError(f"the files of {self.arm} are not open for writing")
        with _Tables(*self._paths(self.chunks_count)) as tables:
            tables.add(self.arm, self.home_ids, chunk)
        self.chunks_count += 1

    def chunks(self) -> Iterator[Chunk]:
        """Read the chunks back, one after the other."""
        first = 0
        for number in range(self.chunks_count):
            steps, trades = map(_read, self._paths(number), (STEP_COLUMNS, TRADE_COLUMNS))
            shaped = {name: each.reshape(-1, self.home_ids.size) for name, each in steps.items()}
            chunk = Chunk(first, shaped, trades)
            first += chunk.steps_count
            yield chunk

    def ledger_parts(self) -> Iterator[bytes]:
        """Read the ledger from the start; there is nothing if it went nowhere."""
        if self.ledger_path is None:
            return
        with self.ledger_path.open("rb") as file:
            while part := file.read(_BYTES_AT_ONCE):
                yield part

    def mark(self) -> tuple[int, int]:
        """Let all that was written outlast the program, and tell how much it is."""
        if self.ledger_path is None:
            return self.chunks_count, 0
        self.ledger.flush()
        os.fsync(self.ledger.fileno())
        return self.chunks_count, self.ledger.tell()

    def rewind(self, mark: tuple[int, int]) -> None:
        """Cut off what was written after a mark; `ValueError` if something is missing."""
        chunks_count, ledger_bytes = mark
        paths = [path for number in range(chunks_count) for path in self._paths(number)]
        missing = [path.name for path in paths if not path.is_file()]
        if self.ledger_path is not None and self.ledger_path.stat().st_size < ledger_bytes:
            missing.append(self.ledger_path.name)
        if missing:
            raise ValueError(f"{missing[0]} is not whole")
        self.chunks_count = chunks_count
        if self.ledger_path is not None:
            self.ledger.flush()
            self.ledger.truncate(ledger_bytes)
            self.ledger.seek(ledger_bytes)

    def _paths(self, number: int) -> tuple[Path, Path]:
        """Name the files of a chunk."""
        name = f"{self.arm}.{number:05}"
        return self.folder / f"{name}.{STEPS_FILE}", self.folder / f"{name}.{TRADES_FILE}"


class _Tables:
    """Tables of steps and of trades that are written while the context is open."""

    def __init__(self, steps: Path, trades: Path) -> None:
        self.paths = steps, trades

    def __enter__(self) -> Self:
        with ExitStack() as writers:
            self._steps = writers.enter_context(_writer(self.paths[0], STEPS))
            self._trades = writers.enter_context(_writer(self.paths[1], TRADES))
            self._writers = writers.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._writers.close()

    def add(self, arm: str, home_ids: Integers, chunk: Chunk) -> None:
        """Append a row group to each; that of the trades may be empty."""
        step = np.arange(chunk.first_step, chunk.first_step + chunk.steps_count)
        steps = [chunk.steps[column.name].ravel() for column in STEP_COLUMNS]
        names = np.repeat(step, home_ids.size), np.tile(home_ids, step.size)
        trades = [chunk.trades[column.name] for column in TRADE_COLUMNS]
        self._steps.write_batch(_batch(STEPS, arm, [*names, *steps]))
        self._trades.write_batch(_batch(TRADES, arm, trades))


def write_steps_and_trades(folder: Path, arms: Mapping[str, Results]) -> None:
    """Write what every home did in every step of every arm, and every trade."""
    with _Tables(folder / STEPS_FILE, folder / TRADES_FILE) as tables:
        for name, results in arms.items():
            for chunk in results.chunks():
                tables.add(name, results.home_ids, chunk)


def write_prices(path: Path, arms: Mapping[str, Results]) -> None:
    """Write the prices of every step of every arm; NaN stands where there is no price."""
    with _writer(path, PRICES) as writer:
        for name, results in arms.items():
            writer.write_batch(_prices(name, results))


def write_rounds(path: Path, arms: Mapping[str, Results]) -> None:
    """Write the federated rounds of every arm; a row group is an arm, without rows if it has none.

    NaN stands where there is no figure.
    """
    with _writer(path, ROUNDS) as writer:
        for name, results in arms.items():
            columns = [results.rounds[column.name] for column in ROUND_COLUMNS]
            writer.write_batch(_batch(ROUNDS, name, columns))


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


def _read(path: Path, columns: Iterable[Column]) -> Columns:
    """Read the file of a chunk."""
    names = [column.name for column in columns]
    with parquet.ParquetFile(path) as file:
        table = file.read(names, use_threads=False)
    return {name: table[name].to_numpy() for name in names}


@contextmanager
def _writer(path: Path, schema: pa.Schema) -> Iterator[parquet.ParquetWriter]:
    """Open a table for writing, with encodings that suit what it holds."""
    # The bytes of a float apart from each other compress better than together; amounts and
    # steps change little from row to row. Both keep every bit.
    suited = {
        pa.float64(): "BYTE_STREAM_SPLIT",
        pa.float32(): "BYTE_STREAM_SPLIT",
        pa.int64(): "DELTA_BINARY_PACKED",
    }
    encoding = {field.name: suited[field.type] for field in schema if field.type in suited}
    with path.open("wb") as file:
        with parquet.ParquetWriter(
            file,
            schema,
            compression="zstd",
            compression_level=3,
            use_dictionary=["arm"],
            column_encoding=encoding,
        ) as writer:
            yield writer
        file.flush()
        os.fsync(file.fileno())
