"""One file as columns: whatever its format, every row has a place that a message can name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from profiles import own_files
from profiles.arrays import Booleans, Floats, Integers
from profiles.errors import InputError, shown, shown_name, shown_path
from profiles.profiles import Input
from profiles.tables import csv_lines, parquet_rows

SUFFIXES = (".csv", ".parquet")
BYTES_MAX = 1_000_000_000
"""Longest file that is read [bytes]; as much memory is needed for a moment."""
VALUES_MAX = 100_000_000
"""Most values of a file, rows times columns: 0.8 GB of numbers."""
COLUMNS_MAX = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """A file whose columns are known and whose rows have not been looked at."""

    name: str  # as messages show it
    input: Input
    content: bytes
    columns: tuple[str, ...]
    rows_count: int  # of a text about, for empty lines count too
    unpacked_bytes: int  # length without compression, as the file says

    @property
    def is_csv(self) -> bool:
        """Whether it is a text with lines."""
        return self.input.name.lower().endswith(".csv")

    @property
    def head(self) -> str:
        """Where the names of the columns stand."""
        return f"{self.name}:1" if self.is_csv else self.name

    def check_has(self, *names: str) -> None:
        """Refuse a file that lacks one of these columns (`InputError`)."""
        for name in names:
            if name not in self.columns:
                got = ", ".join(shown_name(each) for each in self.columns[:8]) or "none"
                raise InputError(f"{self.head}: {name}: is missing (columns: {got})")

    def check_known(self, known: Iterable[str]) -> None:
        """Refuse a file that has another column than these (`InputError`)."""
        for name in self.columns:
            if name not in known:
                limit = f"is not a known column (known: {', '.join(known)})"
                raise InputError(f"{self.head}: {shown_name(name)}: {limit}")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows of a file."""

    file: File
    cells: Mapping[str, pa.ChunkedArray]  # by column

    @property
    def rows_count(self) -> int:
        """Number of rows below the header."""
        return len(self.cells[self.file.columns[0]])

    def place(self, row: int) -> str:
        """Name a row, from 0, as a person finds it."""
        if self.file.is_csv:
            return f"{self.file.name}:{csv_lines.line_of(self.file.content, row)}"
        return f"{self.file.name}: row {row + 1}"

    def refusal(self, rows: Booleans, column: str, limit: str, got: str = "") -> InputError:
        """Describe the first of the wrong rows (a mask), and say how many there are."""
        wrong = np.flatnonzero(rows)
        others = f", {wrong.size} such in all" if wrong.size > 1 else ""
        text = got or _text(self.cells[column][int(wrong[0])])
        field = f"{self.place(int(wrong[0]))}: {shown_name(column)}"
        return InputError(f"{field}: {limit} (got {text}{others})")

    def check_given(self, column: str) -> None:
        """Refuse a column with an empty cell (`InputError`)."""
        cells = self.cells[column]
        if cells.null_count:
            missing = ~np.array(cells.is_valid(), dtype=np.bool_)
            raise self.refusal(missing, column, "must be given", "nothing")

    def numbers(self, column: str, lowest: float = -np.inf, highest: float = np.inf) -> Floats:
        """Return a column of numbers (rows,), NaN where a cell is empty.

        Raises
        ------
        InputError
            With the first row that is not a finite number, or is out of bounds.
        """
        cells = self.cells[column]
        values: Floats = np.array(cells, dtype=np.float64)  # a null is NaN
        written = np.array(cells.is_valid(), dtype=np.bool_)
        bounds = f"from {lowest:g} to {highest:g}" if highest < np.inf else f"at least {lowest:g}"
        rules = (
            (~np.isfinite(values), "must be a finite number"),
            ((values < lowest) | (values > highest), f"must be {bounds}"),
        )
        for broken, limit in rules:
            if (broken & written).any():
                raise self.refusal(broken & written, column, limit)
        return values

    def whole(self, column: str, lowest: int, highest: int) -> Integers:
        """Return a column of whole numbers (rows,); errors as in `numbers`, and empty cells."""
        self.check_given(column)
        values: Integers = np.array(self.cells[column], dtype=np.int64)
        wrong = (values < lowest) | (values > highest)
        if wrong.any():
            raise self.refusal(wrong, column, f"must be from {lowest} to {highest}")
        return values

    def texts(self, column: str) -> tuple[Integers, pa.Array]:
        """Return a column of texts as codes (rows,) and the text of each code, all in use."""
        cells = self.cells[column].combine_chunks()
        unknown = np.array(cells.dictionary.is_null(), dtype=np.bool_)
        codes: Integers = np.array(cells.indices.fill_null(-1), dtype=np.int64)
        missing = codes < 0
        if unknown.any():
            missing |= unknown[codes]
        if missing.any():
            raise self.refusal(missing, column, "must be given", "nothing")
        used = np.bincount(codes, minlength=unknown.size) > 0
        if used.all():
            return codes, cells.dictionary
        return (used.cumsum() - 1)[codes], cells.dictionary.filter(pa.array(used))


def typed_path(knob: str, path: str, ends: tuple[str, ...] = SUFFIXES) -> Path:
    """Find the file that a knob of a scenario names; ``ends`` are those that a name may have.

    Raises
    ------
    InputError
        If it is no file or of another kind: "tariff.path: must be a file (got 'x.csv')".
    """
    found = own_files.found(path)
    typed = shown_path(found)
    if found.suffix.lower() not in ends:
        raise InputError(f"{knob}: must end in {' or '.join(ends)} (got {typed!r})")
    try:
        is_file = found.is_file()
    except OSError:  # such as a name that is too long
        is_file = False
    if not is_file:
        raise InputError(f"{knob}: must be a file (got {typed!r})")
    return found


def opened(path: Path, required: tuple[str, ...] = ("ts",)) -> File:
    """Read a file and the names of its columns.

    Parameters
    ----------
    path : Path
        A CSV or Parquet file.
    required : tuple of str
        Columns that it must have.

    Returns
    -------
    File
        Its name in messages is the path, from the working directory if it lies below it.

    Raises
    ------
    InputError
        If it cannot be read, is too large, is neither format, has a column twice or not at all.
    """
    name = shown_path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{name}: must end in {' or '.join(SUFFIXES)} (got {path.suffix!r})")
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise InputError(f"{name}: must be a file")  # a pipe would be waited for
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror})") from None
    if len(content) > BYTES_MAX:
        raise InputError(f"{name}: must be at most {BYTES_MAX} bytes (got {path.stat().st_size})")
    if not content:
        raise InputError(f"{name}: is empty")
    if path.suffix.lower() == ".csv":
        columns, rows_count = csv_lines.header(content, name), content.count(b"\n") + 1
        unpacked_bytes = len(content)
    else:
        columns, rows_count, unpacked_bytes = parquet_rows.header(content, name)
    told = Input.of(path.name, content)
    found = File(name, told, content, tuple(columns), rows_count, unpacked_bytes)
    _check_names(found)
    found.check_has(*required)
    if rows_count * len(columns) > VALUES_MAX:
        raise InputError(
            f"{name}: must hold at most {VALUES_MAX} values "
            f"(got about {rows_count} rows of {len(columns)})"
        )
    return found


def table(file: File) -> Table:
    """Parse the rows of a file.

    Raises
    ------
    InputError
        If there are none, or a cell is not what its column holds; with the line.
    """
    parse = csv_lines.columns if file.is_csv else parquet_rows.columns
    found = Table(file, parse(file.content, file.name, list(file.columns)))
    if found.rows_count == 0:
        raise InputError(f"{file.name}: must have rows below the names of the columns (got 0)")
    return found


def _text(cell: pa.Scalar) -> str:
    """Write a cell; Python has no dates beyond the year 9999, a damaged file may."""
    if pa.types.is_timestamp(cell.type):
        return str(np.datetime64(cell.value, cell.type.unit))
    value = cell.as_py()
    return str(value) if isinstance(value, int | float) else shown(str(value))


def _check_names(file: File) -> None:
    names = file.columns
    if len(names) > COLUMNS_MAX:
        raise InputError(f"{file.head}: must have at most {COLUMNS_MAX} columns (got {len(names)})")
    known: set[str] = set()
    for place, name in enumerate(names, 1):
        if not name:
            raise InputError(f"{file.head}: column {place}: must have a name")
        if name in known:
            raise InputError(f"{file.head}: {shown_name(name)}: must be one column (got 2)")
        known.add(name)
