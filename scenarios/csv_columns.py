"""Columns of a CSV file that anyone may have written, each number checked where it stands.

Rows and columns may come in any order, and columns that nobody asks for are passed over. What is
asked for has to be there, in every row, as a plain decimal number.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from profiles.arrays import Floats, Integers
from profiles.errors import InputError

WHOLE_MAX = 2**53
"""Whole numbers up to it are exact, however they are written."""

AMOUNT_MAX = 1e9
"""No home or community has more, in whatever unit; sums of less keep six decimals."""

NOISE = 1e-9
"""A limit is broken by more than this: a sum of floats may miss 0 by a hair."""

_NUMBER_CHARACTERS = frozenset("0123456789+-.eE ")  # leaves out 1_000, nan and inf


@dataclass(frozen=True, slots=True, eq=False)
class CsvColumns:
    """Text of the columns that were asked for."""

    name: str  # of the file, as messages give it
    lines: list[int]  # where each row ends, 1 is the first
    texts: dict[str, list[str]]  # by column

    def numbers(
        self, column: str, lowest: float = -AMOUNT_MAX, highest: float = AMOUNT_MAX
    ) -> Floats:  # (rows,)
        """Read a column as finite numbers within limits.

        Raises
        ------
        InputError
            For the first row that is something else.
        """
        texts = self.texts[column]
        values = _floats(texts)
        if values is None:
            row = next(row for row, text in enumerate(texts) if _floats([text]) is None)
            raise self.refusal(row, column, "must be a number", texts[row])
        for wrong, limit in (
            (~np.isfinite(values), "must be a finite number"),
            (values < lowest - NOISE, f"must be at least {lowest:g}"),
            (values > highest + NOISE, f"must be at most {highest:g}"),
        ):
            if wrong.any():
                row = int(wrong.argmax())
                raise self.refusal(row, column, limit, texts[row])
        return values

    def whole_numbers(self, column: str) -> Integers:  # (rows,)
        """Read a column as whole numbers from 0 up; 3.0 is one.

        Raises
        ------
        InputError
            For the first row that is something else.
        """
        values = self.numbers(column, 0.0, WHOLE_MAX)
        wrong = values != np.rint(values)
        if wrong.any():
            row = int(wrong.argmax())
            raise self.refusal(row, column, "must be a whole number", self.texts[column][row])
        return values.astype(np.int64)

    def refusal(self, row: int, column: str, limit: str, got: str) -> InputError:
        """Blame a value: file, line, column, limit and what stands there."""
        shown = repr(got)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        return InputError(f"{self.name}:{self.lines[row]}: {column}: {limit} (got {shown})")


def read(path: Path, wanted: tuple[str, ...]) -> CsvColumns:
    """Read the columns of a file: UTF-8, commas, one header line.

    Parameters
    ----------
    path : Path
        The file.
    wanted : tuple of str
        Names of the columns to take; each must stand in the header once.

    Raises
    ------
    InputError
        One line, if the file cannot be read, lacks a column or a row, or is no such table.
    """
    reader = csv.reader(io.StringIO(_text(path), newline=""), skipinitialspace=True, strict=True)
    texts: dict[str, list[str]] = {name: [] for name in wanted}
    lines: list[int] = []
    try:
        header = next((row for row in reader if row), [])
        places = [(texts[name], place) for name, place in _places(path, header, wanted)]
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                limit = f"must have {len(header)} values, as the header"
                raise InputError(f"{path}:{reader.line_num}: {limit} (got {len(row)})")
            lines.append(reader.line_num)
            for column, place in places:
                column.append(row[place])
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: is not CSV ({error})") from None
    if not lines:
        raise InputError(f"{path}: must have 1 row or more below its header (got none)")
    return CsvColumns(str(path), lines, texts)


def _text(path: Path) -> str:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise InputError(f"{path}: must be a file")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: not UTF-8 text (byte {error.start})") from None


def _places(path: Path, header: list[str], wanted: tuple[str, ...]) -> list[tuple[str, int]]:
    """Find the columns that are wanted."""
    names = [name.strip() for name in header]
    for name in wanted:
        if names.count(name) != 1:
            reason = "is missing from" if name not in names else "stands twice in"
            raise InputError(f"{path}: {name}: {reason} the header")
    return [(name, names.index(name)) for name in wanted]


def _floats(texts: list[str]) -> Floats | None:
    """Convert texts, or return None if one of them is no plain decimal number."""
    if not set("".join(texts)) <= _NUMBER_CHARACTERS:
        return None
    try:
        return np.array(list(map(float, texts)))
    except ValueError:
        return None
