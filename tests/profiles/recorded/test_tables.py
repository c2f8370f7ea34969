"""Files as columns: the place of a row, and what no table may be."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from profiles.errors import InputError
from profiles.recorded import tables
from profiles.recorded.tables import Table, opened, table

TEXT = "ts,home,load_kwh,type\n2017-07-01,1,0.5,a\n\n2017-07-02,2,,b\n2017-07-03,3,-1,b\n"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _csv(text: str = TEXT, name: str = "a.csv") -> Table:
    Path(name).write_text(text, encoding="utf-8")
    return table(opened(Path.cwd() / name))


def _parquet() -> Table:
    columns = {"ts": ["a", None], "home": [1, None], "load_kwh": [float("nan"), float("inf")]}
    parquet.write_table(pa.table(columns), "a.parquet")
    return table(opened(Path("a.parquet")))


def test_a_file_is_named_from_the_working_directory_and_hashed() -> None:
    file = _csv().file
    assert (file.name, file.head, file.is_csv) == ("a.csv", "a.csv:1", True)
    assert file.columns == ("ts", "home", "load_kwh", "type")
    assert file.input.sha256 == sha256(TEXT.encode()).hexdigest()
    assert (file.input.name, file.input.bytes_count) == ("a.csv", len(TEXT))
    assert _parquet().file.head == "a.parquet"


def test_a_file_elsewhere_is_named_in_full(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("other") / "b.csv"
    path.write_text("ts\n1\n", encoding="utf-8")
    assert opened(path).name == str(path)


def test_a_row_is_a_line_of_a_text_and_a_number_in_a_table() -> None:
    found = _csv()
    assert found.rows_count == 3
    assert [found.place(row) for row in range(3)] == ["a.csv:2", "a.csv:4", "a.csv:5"]
    assert _parquet().place(1) == "a.parquet: row 2"


def test_columns_are_numbers_ids_and_texts() -> None:
    found = _csv()
    np.testing.assert_array_equal(found.numbers("load_kwh"), [0.5, np.nan, -1.0])
    assert found.whole("home").tolist() == [1, 2, 3]
    codes, texts = found.texts("type")
    assert [texts[code].as_py() for code in codes] == ["a", "b", "b"]


def _of_dictionary(indices: list[int | None], texts: list[str | None]) -> Table:
    column = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), pa.array(texts))
    parquet.write_table(pa.table({"ts": column}), "a.parquet")
    return table(opened(Path("a.parquet")))


def test_a_text_that_no_row_uses_is_left_out() -> None:
    file = _of_dictionary([0], ["a"]).file
    column = pa.DictionaryArray.from_arrays(pa.array([3, 1, 3]), pa.array(["x", "a", "x", "b"]))
    found = Table(file, {"ts": pa.chunked_array([column])})
    codes, texts = found.texts("ts")
    assert (codes.tolist(), texts.to_pylist()) == ([1, 0, 1], ["a", "b"])


@pytest.mark.parametrize(("indices", "row"), [([0, None], 2), ([1, 0], 1)])
def test_a_text_that_is_missing_is_refused_wherever_it_is(
    indices: list[int | None], row: int
) -> None:
    file = _of_dictionary([0, 0], ["a"]).file
    column = pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(["a", None]))
    found = Table(file, {"ts": pa.chunked_array([column])})
    with pytest.raises(InputError, match=rf"a.parquet: row {row}: ts: must be given"):
        found.texts("ts")


def test_the_first_value_that_cannot_be_is_named_with_the_number_of_them() -> None:
    with pytest.raises(InputError) as refusal:
        _csv().numbers("load_kwh", 0.0)
    assert str(refusal.value) == "a.csv:5: load_kwh: must be at least 0 (got -1.0)"
    for column, message in (
        ("load_kwh", "a.parquet: row 1: load_kwh: must be a finite number (got nan, 2 such in all"),
        ("home", "a.parquet: row 2: home: must be given (got nothing)"),
        ("ts", "a.parquet: row 2: ts: must be given (got nothing)"),
    ):
        read = {"load_kwh": Table.numbers, "home": Table.whole, "ts": Table.texts}[column]
        with pytest.raises(InputError) as refusal:
            read(_parquet(), column)
        assert str(refusal.value).startswith(message)


@pytest.mark.parametrize("home", [-1, 10**15 + 1])
def test_an_id_is_a_whole_number_of_at_most_sixteen_digits(home: int) -> None:
    with pytest.raises(InputError, match=rf"home: must be from 0 to 10+ \(got {home}\)"):
        _csv(f"ts,home\n1,{home}\n").whole("home")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "ts\n", "a.txt: must end in .csv or .parquet (got '.txt')"),
        ("a.csv", "", "a.csv: is empty"),
        ("a.csv", "ts,home\n", "a.csv: must have rows below the names of the columns (got 0)"),
        ("a.csv", "ts,,b\n1,2,3\n", "a.csv:1: column 2: must have a name"),
        ("a.csv", "ts,b,b\n1,2,3\n", "a.csv:1: b: must be one column (got 2)"),
        ("a.csv", "a,b\n1,2\n", "a.csv:1: ts: is missing (columns: a, b)"),
        ("a.parquet", "ts\n", "a.parquet: is not a whole Parquet file ("),
    ],
)
def test_what_is_no_table_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        _csv(text, name)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("BYTES_MAX", 50, r"a.csv: must be at most 50 bytes \(got 76\)"),
        ("VALUES_MAX", 19, r"a.csv: must hold at most 19 values \(got about 6 rows of 4\)"),
        ("COLUMNS_MAX", 3, r"a.csv:1: must have at most 3 columns \(got 4\)"),
    ],
)
def test_what_would_fill_the_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, message: str
) -> None:
    monkeypatch.setattr(tables, limit, value)
    with pytest.raises(InputError, match=message):
        _csv()


def test_a_small_parquet_file_of_many_rows_is_not_unpacked() -> None:
    rows = pa.nulls(3_000_000, pa.float64())
    parquet.write_table(
        pa.table({"ts": pa.nulls(3_000_000, pa.string()), **{f"{i}": rows for i in range(40)}}),
        "a.parquet",
    )
    assert Path("a.parquet").stat().st_size < 300_000
    with pytest.raises(
        InputError, match=r"must hold at most 100000000 values \(got about 3000000 "
    ):
        opened(Path("a.parquet"))
