"""A table is written whole, as its name asks for, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from profiles.errors import InputError
from profiles.tables.table import opened, table
from profiles.tables.writing import is_csv, write

SCHEMA = pa.schema([("timestep", pa.int64()), ("load_kwh", pa.float64())])
PARTS = [
    pa.record_batch([pa.array(steps), pa.array(kwh)], schema=SCHEMA)
    for steps, kwh in (([0, 1], [0.1, 1 / 3]), ([2], [1e-300]))
]


def test_the_name_says_how() -> None:
    assert is_csv(Path("a.CSV"))
    assert not is_csv(Path("a.parquet"))
    with pytest.raises(InputError, match=r"^a.txt: must end in .csv or .parquet \(got '.txt'\)$"):
        is_csv(Path("a.txt"))


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_numbers_keep_every_bit_in_however_many_parts(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, SCHEMA, PARTS)
    found = table(opened(tmp_path / name, ("timestep",)))
    assert found.whole("timestep", 0, 9).tolist() == [0, 1, 2]
    assert found.numbers("load_kwh").tolist() == [0.1, 1 / 3, 1e-300]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("old", encoding="utf-8")

    def half() -> Iterator[pa.RecordBatch]:
        yield PARTS[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a.csv", SCHEMA, half())
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "old"
