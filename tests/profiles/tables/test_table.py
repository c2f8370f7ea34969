"""Files as columns: the place of a row, and what no table may be."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from profiles.errors import InputError
from profiles.tables import table as module
from profiles.tables.table import Table, opened, table

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

TEXT = "ts,home,load_kwh,type\n2017-07-01,1,0.5,a\n\n2017-07-02,2,,b\n2017-07-03,3,-1,b\n"


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
    assert found.whole("home", 1, 3).tolist() == [1, 2, 3]
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
    rows = _parquet()
    for read, message in (
        (
            lambda: rows.numbers("load_kwh"),
            "a.parquet: row 1: load_kwh: must be a finite number (got nan, 2 such in all",
        ),
        (lambda: rows.whole("home", 0, 9), "a.parquet: row 2: home: must be given (got nothing)"),
        (lambda: rows.texts("ts"), "a.parquet: row 2: ts: must be given (got nothing)"),
    ):
        with pytest.raises(InputError) as refusal:
            read()
        assert str(refusal.value).startswith(message)


@pytest.mark.parametrize("month", [0, 13])
def test_whole_numbers_have_bounds(month: int) -> None:
    found = _csv(f"ts,month\n1,{month}\n")
    with pytest.raises(InputError, match=rf"^a.csv:2: month: must be from 1 to 12 \(got {month}\)"):
        found.whole("month", 1, 12)
    assert found.whole("month", 0, 13).tolist() == [month]


@pytest.mark.parametrize("cell", ["-1", "+1.5", ".5", "5.", "1e-3", "-2E1", " 7 "])
def test_numbers_may_be_written_as_people_write_them(cell: str) -> None:
    assert _csv(f"ts,price\n1,{cell}\n").numbers("price").tolist() == [float(cell)]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("nan", "must be a finite number (got nan)"),
        ("1e999", "must be a finite number (got inf)"),
        ("12:30", "must be a number (got '12:30')"),
        ("\u0665", "must be a number (got '\u0665')"),
        ("10.01", "must be from -10 to 10 (got 10.01)"),
        ("-11", "must be from -10 to 10 (got -11.0)"),
    ],
)
def test_a_cell_that_is_no_such_number_is_refused(cell: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        _csv(f"ts,price\n1,1\n2,{cell}\n3,\n").numbers("price", -10, 10)
    assert str(refusal.value) == f"a.csv:3: price: {message}"


def test_a_column_that_must_be_given_has_no_empty_cell() -> None:
    found = _csv()
    found.check_given("home")
    with pytest.raises(InputError) as refusal:
        found.check_given("load_kwh")
    assert str(refusal.value) == "a.csv:4: load_kwh: must be given (got nothing)"


def test_a_file_has_the_columns_that_it_must_and_may_have() -> None:
    file = _csv().file
    file.check_has("home", "type")
    file.check_known((*file.columns, "pv_kwh"))
    for check, message in (
        (
            lambda: file.check_has("ts", "pv_kwh"),
            "pv_kwh: is missing (columns: ts, home, load_kwh,",
        ),
        (lambda: file.check_known(("ts", "home")), "load_kwh: is not a known column (known: ts, h"),
    ):
        with pytest.raises(InputError) as refusal:
            check()
        assert str(refusal.value).startswith(f"a.csv:1: {message}")


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
    monkeypatch.setattr(module, limit, value)
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
