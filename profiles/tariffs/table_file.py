"""Tables that a person typed or exported, CSV or Parquet, cell by cell with its place.

Meant for prices, which are few: a year by five minutes is 105,120 rows. Nothing is guessed: a
number is a decimal number, an instant a date and a time, and every row has every cell.
"""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np

from profiles.arrays import Floats, Integers
from profiles.errors import InputError, shown_path
from profiles.local_time import YEAR_FIRST, YEAR_LAST
from profiles.profiles import Input

BYTES_MAX = 50_000_000
ROWS_MAX = 1_000_000  # nine years by five minutes

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_STAMP = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Cells of a file by column: text from CSV, whatever Parquet holds from Parquet."""

    name: str  # of the file, as messages give it
    columns: Mapping[str, Sequence[object]]
    lines: Sequence[int] | None  # of the rows in a CSV; None for Parquet
    input: Input

    def refusal(self, row: int, column: str, limit: str) -> InputError:
        """Say where a cell stands, what its limit is and what it holds."""
        cell = self.columns[column][row]
        got = str(cell) if isinstance(cell, datetime) else repr(cell)
        shown = got if len(got) <= 60 else f"{got[:57]}..."
        return InputError(f"{self.place(row)}: {column}: {limit} (got {shown})")

    def place(self, row: int) -> str:
        """Give "file:line" of a row, or the number of the row where there are no lines."""
        return f"{self.name}:{self.lines[row]}" if self.lines else f"{self.name}: row {row + 1}"

    def numbers(self, column: str, low: float, high: float) -> Floats:
        """Read a column of numbers from `low` to `high`.

        Raises
        ------
        InputError
            With the place of the first cell that is none.
        """
        found = np.empty(len(self.columns[column]))
        for row, cell in enumerate(self.columns[column]):
            text = isinstance(cell, str) and _NUMBER.fullmatch(cell) is not None
            if not text and (isinstance(cell, bool) or not isinstance(cell, float | int)):
                raise self.refusal(row, column, "must be a number")
            found[row] = number = float(cell)  # type: ignore[arg-type]
            if not math.isfinite(number):
                raise self.refusal(row, column, "must be a finite number")
            if not low <= number <= high:
                raise self.refusal(row, column, f"must be from {low:g} to {high:g}")
        return found

    def whole_numbers(self, column: str, low: int, high: int) -> Integers:
        """Read a column of whole numbers; parameters and errors as in `numbers`."""
        found = self.numbers(column, low, high)
        wrong = np.flatnonzero(found != np.floor(found))
        if wrong.size:
            raise self.refusal(int(wrong[0]), column, "must be a whole number")
        return found.astype(np.int64)

    def words(self, column: str, known: Sequence[str]) -> list[str]:
        """Read a column that holds one of a few words in each row; errors as in `numbers`."""
        for row, cell in enumerate(self.columns[column]):
            if cell not in known:
                raise self.refusal(row, column, f"must be one of {', '.join(known)}")
        return [str(cell) for cell in self.columns[column]]

    def instants(self, column: str) -> tuple[Integers, bool]:
        """Read a column of dates and times.

        Returns
        -------
        minutes : ndarray, shape (rows,)
            Minutes since 1970: in UTC, or by a clock whose zone is not given.
        zoned : bool
            Whether the stamps have a zone or an offset; all must, or none.

        Raises
        ------
        InputError
            With the place of the first cell that is none.
        """
        minutes = np.empty(len(self.columns[column]), np.int64)
        zoned = False
        for row in range(minutes.size):
            stamp = self._stamp(row, column)
            if row and (stamp.tzinfo is not None) != zoned:
                raise self.refusal(row, column, "must have a zone in all rows or in none")
            zoned = stamp.tzinfo is not None
            seconds = (stamp if zoned else stamp.replace(tzinfo=UTC)).timestamp()
            minutes[row], rest = divmod(seconds, 60)
            if rest:
                raise self.refusal(row, column, "must be a whole minute")
        return minutes, zoned

    def _stamp(self, row: int, column: str) -> datetime:
        cell = self.columns[column][row]
        if isinstance(cell, str) and _STAMP.fullmatch(cell):
            try:
                cell = datetime.fromisoformat(cell)
            except ValueError:
                raise self.refusal(row, column, "must be a date and time of the calendar") from None
        if not isinstance(cell, datetime):
            raise self.refusal(row, column, "must be a time like 2026-03-08T16:00Z")
        if not YEAR_FIRST <= cell.year <= YEAR_LAST:
            raise self.refusal(row, column, f"must be from {YEAR_FIRST} to {YEAR_LAST}")
        return cell


def read(path: Path) -> Table:
    """Read a CSV or Parquet file, chosen by the end of its name.

    Parameters
    ----------
    path : Path
        UTF-8, commas and a line of names for CSV.

    Raises
    ------
    InputError
        If it cannot be read, is too large or empty, or is no such table; with the line if it has
        lines.
    """
    name = shown_path(path)
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror})") from None
    if len(content) > BYTES_MAX:
        raise InputError(f"{name}: must be at most {BYTES_MAX} bytes (got {path.stat().st_size})")
    source = Input(path.name, len(content), sha256(content).hexdigest())
    columns: Mapping[str, Sequence[object]]
    if path.suffix.lower() == ".parquet":
        columns, lines = _parquet(content, name), None
    else:
        columns, lines = _csv(content, name)
    if not any(map(len, columns.values())):
        raise InputError(f"{name}: must have 1 row or more (got 0)")
    return Table(name, columns, lines, source)


def _csv(content: bytes, name: str) -> tuple[dict[str, list[str]], list[int]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{name}:{line}: not UTF-8 text (byte {error.start})") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{name}:{line}: not text (a zero byte)")
    reader = csv.reader(io.StringIO(text.rstrip("\r\n"), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        _check_header(header, f"{name}:1")
        rows: list[list[str]] = []
        lines: list[int] = []
        for row in reader:
            if len(row) != len(header):
                limit = f"must have {len(header)} cells as the first line (got {len(row)})"
                raise InputError(f"{name}:{reader.line_num}: {limit}")
            rows.append([cell.strip() for cell in row])
            lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"{name}:{reader.line_num}: not CSV ({error})") from None
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    return {key: list(cells) for key, cells in zip(header, columns, strict=True)}, lines


def _parquet(content: bytes, name: str) -> dict[str, list[object]]:
    # Arrow takes a tenth of a second to import, which a run without such a file need not spend.
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    try:
        file = parquet.ParquetFile(pa.BufferReader(content))
        if file.metadata.num_rows > ROWS_MAX:
            raise InputError(
                f"{name}: must have at most {ROWS_MAX} rows (got {file.metadata.num_rows})"
            )
        table = file.read()
        _check_header(table.column_names, name)
        return {key: table[key].to_pylist() for key in table.column_names}
    # A damaged file may fail in any of these ways; a time with nanoseconds is a ValueError.
    except (pa.ArrowException, OSError, OverflowError, ValueError, KeyError) as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())[:100]
        raise InputError(f"{name}: not a readable Parquet file ({reason})") from None


def _check_header(header: Sequence[str], place: str) -> None:
    for column in header:
        if not column or header.count(column) > 1:
            limit = "every column must have a name of its own"
            raise InputError(f"{place}: {limit} (got {column!r})")
