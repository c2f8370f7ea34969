"""The tables of a report as CSV and Parquet files beside its page."""

import csv
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pyarrow as pa

from profiles.tables import writing
from scenarios.reporting.sheets import Field, Sheet, Value

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula."""


def written(sheets: Iterable[Sheet], folder: Path) -> None:
    """Write each table as NAME.csv and NAME.parquet; files of these names are replaced.

    Raises
    ------
    OSError
        If writing fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for sheet in sheets:
        writing.write(folder / f"{sheet.name}.parquet", schema(sheet), [_batch(sheet)])
        replaced(folder / f"{sheet.name}.csv", as_csv(sheet))


def schema(sheet: Sheet) -> pa.Schema:
    """Name the columns of a table, each with its unit and meaning in the metadata."""
    return pa.schema(
        pa.field(field.name, _kind(field), metadata={"unit": field.unit, "meaning": field.meaning})
        for field in sheet.fields
    )


def as_csv(sheet: Sheet) -> str:
    """Write a table as text; numbers keep every bit, and what does not exist is empty."""
    text = StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow([field.name for field in sheet.fields])
    lines.writerows([_plain(value) for value in row] for row in sheet.rows)
    return text.getvalue()


def replaced(path: Path, text: str) -> None:
    """Write a text file that is whole or, if writing fails, as it was.

    Raises
    ------
    OSError
        If writing fails.
    """
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        hidden.write_text(text, encoding="utf-8")
        hidden.replace(path)
    except BaseException:
        with suppress(OSError):
            hidden.unlink()
        raise


def _kind(field: Field) -> pa.DataType:
    return pa.string() if field.text else pa.int64() if field.whole else pa.float64()


def _batch(sheet: Sheet) -> pa.RecordBatch:
    columns: Sequence[list[Value]] = [sheet.column(field.name) for field in sheet.fields]
    arrays = [
        pa.array(values, _kind(field)) for values, field in zip(columns, sheet.fields, strict=True)
    ]
    return pa.record_batch(arrays, schema=schema(sheet))


def _plain(value: Value) -> Value:
    """Keep a text from being taken for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
