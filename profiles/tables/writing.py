"""Tables as CSV or Parquet files that are whole or not there.

A file is written beside its place and then renamed.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from profiles.errors import InputError
from profiles.tables.table import SUFFIXES


def is_csv(path: Path) -> bool:
    """Tell whether a name asks for a text, rather than for Parquet.

    Raises
    ------
    InputError
        If the name ends in neither .csv nor .parquet.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: must end in {' or '.join(SUFFIXES)} (got {path.suffix!r})")
    return path.suffix.lower() == ".csv"


def write(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Write a table; numbers keep every bit.

    Parameters
    ----------
    path : Path
        To create or replace; `.csv` or `.parquet` says how.
    schema : pyarrow.Schema
        Its columns.
    batches : iterable of pyarrow.RecordBatch
        Its rows, in parts.

    Raises
    ------
    InputError
        If the name ends otherwise.
    OSError
        If writing fails; then the path is as it was.
    """
    as_csv = is_csv(path)
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with hidden.open("wb") as file, _writer(file, schema, as_csv=as_csv) as writer:
            for batch in batches:
                writer.write(batch)
        hidden.replace(path)
    except BaseException:
        with suppress(OSError):
            hidden.unlink()
        raise


def _writer(
    file: BinaryIO, schema: pa.Schema, *, as_csv: bool
) -> arrow_csv.CSVWriter | parquet.ParquetWriter:
    if not as_csv:
        return parquet.ParquetWriter(file, schema, compression="zstd")
    file.write(f"{','.join(schema.names)}\n".encode())
    plain = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
    return arrow_csv.CSVWriter(file, schema, write_options=plain)
