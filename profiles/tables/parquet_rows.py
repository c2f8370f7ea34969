"""Columns of a Parquet file.

Only plain columns are read: no extension types, no Python objects, no nested values. Nothing that
stands in a file is executed.
"""

from collections.abc import Mapping

import pyarrow as pa
from pyarrow import parquet

from profiles.errors import InputError, shown, shown_name
from profiles.tables.kinds import TEXTS, TIMES, WHOLE


def header(content: bytes, name: str) -> tuple[list[str], int, int]:
    """Read the names of the columns, the number of rows and their length when unpacked [bytes].

    Raises
    ------
    InputError
        If the content is no Parquet file, or a column holds what it should not.
    """
    file = _opened(content, name)
    try:
        schema = file.schema_arrow
        names, told = [str(each) for each in schema.names], file.metadata
        groups = [told.row_group(place) for place in range(told.num_row_groups)]
        unpacked_bytes = sum(max(0, int(group.total_byte_size)) for group in groups)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(name, error) from None
    for field in schema:
        limit = _limit(field.name, field.type)
        if limit:
            got = shown(str(field.type))
            raise InputError(f"{name}: {shown_name(field.name)}: must be {limit} (got {got})")
    return names, int(told.num_rows), unpacked_bytes


def columns(content: bytes, name: str, names: list[str]) -> Mapping[str, pa.ChunkedArray]:
    """Read all rows.

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
        A column of texts (dictionary), times, whole numbers or numbers by its name; missing
        values are null.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    # Texts stay in their dictionary: spelt out, a small file could fill the memory.
    file = _opened(content, name, read_dictionary=[each for each in names if each in TEXTS])
    try:
        table = file.read()
        table.validate(full=True)
        table = table.unify_dictionaries()
        kinds = {each: pa.int64() for each in names if each in WHOLE}
        kinds |= {each: pa.float64() for each in names if each not in (*TEXTS, *WHOLE)}
        return {
            each: column.cast(kinds[each]) if each in kinds else _texts(column)
            for each, column in zip(names, table.columns, strict=True)
        }
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(name, error) from None


def _opened(content: bytes, name: str, **options: list[str]) -> parquet.ParquetFile:
    try:
        return parquet.ParquetFile(pa.BufferReader(content), **options)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(name, error) from None


def _limit(name: str, kind: pa.DataType) -> str:
    """Say what a column should be, if it is not."""
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if pa.types.is_dictionary(kind):
        text = pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)
    if name in TIMES:
        return "" if text or pa.types.is_timestamp(kind) else "times or texts"
    if name in TEXTS:
        return "" if text else "texts"
    if name in WHOLE:
        return "" if pa.types.is_integer(kind) else "whole numbers"
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return "" if number else "numbers"


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return column
    texts = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    return texts.cast(pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()


def _unreadable(name: str, error: Exception) -> InputError:
    reason = " ".join(str(error).split())
    return InputError(f"{name}: is not a whole Parquet file ({shown(reason, 120)})")
