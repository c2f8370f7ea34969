"""Columns of a CSV text, and the line of each row.

Arrow parses the whole text at once. Where it fails, the lines are read one by one to name the
first that is wrong.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa
from pyarrow import csv as arrow_csv

from profiles.errors import InputError, shown
from profiles.tables.kinds import TEXTS, WHOLE

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BLOCK_BYTES = 1 << 22  # parsed at once by a thread
_HEADER_BYTES_MAX = 1 << 20
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*|\s*", re.ASCII)
_INTEGER = re.compile(r"\s*-?(\d{1,18}|0[xX][0-9a-fA-F]{1,15})\s*", re.ASCII)


def header(content: bytes, name: str) -> list[str]:
    """Read the names of the columns out of the first line.

    Raises
    ------
    InputError
        If the content is no text that could be a CSV file; with the line.
    """
    nul = content.find(b"\0")
    if nul >= 0:
        raise InputError(f"{name}:{_line_at(content, nul)}: is not text (a zero byte)")
    end = _LINE_END.search(content)
    first = content[: end.start() if end else len(content)]
    if len(first) > _HEADER_BYTES_MAX:
        raise InputError(f"{name}:1: must be at most {_HEADER_BYTES_MAX} bytes (got {len(first)})")
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}:1: is not UTF-8 text (byte {error.start})") from None
    if not text.strip():
        raise InputError(f"{name}:1: must name the columns, such as ts (the line is empty)")
    try:
        names = [each.strip() for each in next(csv.reader([text], strict=True))]
    except csv.Error as error:
        raise InputError(f"{name}:1: is not CSV ({error})") from None
    separator = next((mark for mark in (";", "\t", "|") if mark in text), None)
    if len(names) == 1 and separator:
        raise InputError(f"{name}:1: columns must be separated by commas (got {separator!r})")
    return names


def columns(content: bytes, name: str, names: list[str]) -> Mapping[str, pa.ChunkedArray]:
    """Parse all rows.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        Stands for it in messages.
    names : list of str
        From `header`.

    Returns
    -------
    mapping
        A column of texts (dictionary), whole numbers or numbers by its name; empty cells of
        numbers are null.

    Raises
    ------
    InputError
        With the line and the field of the first cell that is not what it should be.
    """
    kinds = dict.fromkeys(names, pa.float64())
    kinds |= dict.fromkeys(WHOLE, pa.int64())
    kinds |= dict.fromkeys(TEXTS, pa.dictionary(pa.int32(), pa.string()))
    end = _LINE_END.search(content)
    content = content if end else content + b"\n"  # a header alone, which Arrow takes for none
    block_bytes = max(_BLOCK_BYTES, 100 * (end.start() if end else 0))
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(content),
            read_options=arrow_csv.ReadOptions(
                column_names=names, skip_rows=1, block_size=block_bytes
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={each: kinds[each] for each in names},
                null_values=[""],
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _first_wrong(content, name, names, str(error)) from None
    table = table.unify_dictionaries()
    return dict(zip(names, table.columns, strict=True))


def line_of(content: bytes, row: int) -> int:
    """Find the line in which a row stands; the header is line 1, empty lines count."""
    line = 1
    try:
        for found, (at, _) in enumerate(_numbered(content.decode("utf-8-sig", "replace"))):
            line = at
            if found == row:
                break
    except csv.Error:  # a field that is too long for Python, though not for Arrow
        return line + 1
    return line  # the last one, where quotes are broken


def _first_wrong(content: bytes, name: str, names: list[str], reason: str) -> InputError:
    """Find what Arrow did not accept."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_at(content, error.start)
        return InputError(f"{name}:{line}: is not UTF-8 text (byte {error.start})")
    checks = [_check(each) for each in names]
    line = 1
    try:
        for line, cells in _numbered(text):
            if len(cells) != len(names):
                return InputError(
                    f"{name}:{line}: must have {len(names)} fields, as the first line "
                    f"(got {len(cells)})"
                )
            for field, cell, check in zip(names, cells, checks, strict=True):
                limit = check(cell)
                if limit:
                    return InputError(f"{name}:{line}: {field}: {limit} (got {shown(cell)})")
    except csv.Error as error:
        return InputError(f"{name}:{line + 1}: is not CSV ({error})")
    return InputError(f"{name}: is not CSV ({shown(' '.join(reason.split()), 120)})")


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows below the header with the line in which each begins."""
    _, below = re.split("\r\n|\r|\n", text, maxsplit=1)
    reader = csv.reader(io.StringIO(below, newline=""))
    line = 2
    for cells in reader:
        if cells:
            yield line, cells
        line = reader.line_num + 2


def _check(field: str) -> Callable[[str], str]:
    """Tell how a cell of a column is checked: the limit that it breaks, or nothing."""
    if field in TEXTS:
        return lambda cell: "must stand in one line" if "\n" in cell or "\r" in cell else ""
    if field in WHOLE:
        return lambda cell: "" if _INTEGER.fullmatch(cell) else "must be a whole number"
    return lambda cell: "" if _NUMBER.fullmatch(cell) else "must be a number"


def _line_at(content: bytes, position: int) -> int:
    return len(_LINE_END.findall(content, 0, position)) + 1
