"""Cells of CSV and Parquet files: what is read, and what is refused with its place."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from profiles.errors import InputError
from profiles.tariffs import table_file


@pytest.fixture
def csv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], Path]:
    """Write a CSV file and stand beside it."""
    monkeypatch.chdir(tmp_path)

    def write(content: str | bytes) -> Path:
        Path("x.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
        return Path("x.csv")

    return write


@pytest.fixture
def parquet_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a Parquet file and stand beside it."""
    monkeypatch.chdir(tmp_path)

    def write(**columns: object) -> Path:
        parquet.write_table(pa.table(columns), "x.parquet")
        return Path("x.parquet")

    return write


def refused(read: Callable[[], object]) -> str:
    with pytest.raises(InputError) as refusal:
        read()
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_cells_are_read_by_column_and_know_their_line(csv_file: Callable[[str], Path]) -> None:
    content = "\ufeffa, b\r\n1, x\r\n2.5,y\r\n\r\n"
    table = table_file.read(csv_file(content))
    assert table.columns == {"a": ["1", "2.5"], "b": ["x", "y"]}
    assert table.numbers("a", 0, 9).tolist() == [1.0, 2.5]
    assert table.words("b", ("x", "y")) == ["x", "y"]
    assert table.place(1) == "x.csv:3"
    assert table.input.name == "x.csv"
    assert table.input.bytes_count == len(content.encode())
    assert table.input.sha256 == sha256(content.encode()).hexdigest()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1\n", "x.csv:2: must have 2 cells as the first line (got 1)"),
        (b"a,b\n1,2\n1,2,3\n", "x.csv:3: must have 2 cells as the first line (got 3)"),
        (b"a,b\n1,2\n\n1,2\n", "x.csv:3: must have 2 cells as the first line (got 0)"),
        (b"a,a\n1,2\n", "x.csv:1: every column must have a name of its own (got 'a')"),
        (b"a,\n1,2\n", "x.csv:1: every column must have a name of its own (got '')"),
        (b"", "x.csv: must have 1 row or more (got 0)"),
        (b"a,b\n", "x.csv: must have 1 row or more (got 0)"),
        (b"a,b\n1,\xe9\n", "x.csv:2: not UTF-8 text (byte 6)"),
        (b"a,b\n1,\0\n", "x.csv:2: not text (a zero byte)"),
        (b'a,b\n"1,2\n', "x.csv:2: not CSV (unexpected end of data)"),
        (b'a,b\n"1"2,2\n', "x.csv:2: not CSV ("),
    ],
)
def test_a_file_that_is_no_table_is_refused(
    csv_file: Callable[[bytes], Path], content: bytes, message: str
) -> None:
    assert message in refused(lambda: table_file.read(csv_file(content)))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("n/a", "x.csv:3: price: must be a number (got 'n/a')"),
        ("", "x.csv:3: price: must be a number (got '')"),
        ("nan", "must be a number (got 'nan')"),
        ("inf", "must be a number (got 'inf')"),
        ("1e999", "must be a finite number (got '1e999')"),
        ("0x10", "must be a number"),
        ("1_000", "must be a number"),
        ("12:30", "must be a number"),
        ("\u0665", "must be a number"),
        ("10.01", "x.csv:3: price: must be from -10 to 10 (got '10.01')"),
        ("-11", "must be from -10 to 10 (got '-11')"),
        ("9" * 99, f"must be from -10 to 10 (got '{'9' * 56}...)"),
    ],
)
def test_a_cell_that_is_no_price_is_refused(
    csv_file: Callable[[str], Path], cell: str, message: str
) -> None:
    table = table_file.read(csv_file(f'price\n1\n"{cell}"\n5\n'))
    assert message in refused(lambda: table.numbers("price", -10, 10))


@pytest.mark.parametrize("cell", ["-1", "+1.5", ".5", "5.", "1e-3", "-2E1"])
def test_numbers_may_be_written_as_people_write_them(
    csv_file: Callable[[str], Path], cell: str
) -> None:
    table = table_file.read(csv_file(f"price\n{cell}\n"))
    assert table.numbers("price", -100, 100).tolist() == [float(cell)]


def test_whole_numbers_and_words_have_their_limits(csv_file: Callable[[str], Path]) -> None:
    table = table_file.read(csv_file("n,w\n1,all\n1.5,none\n"))
    assert "x.csv:3: n: must be a whole number" in refused(lambda: table.whole_numbers("n", 0, 9))
    assert refused(lambda: table.words("w", ("all", "some"))) == (
        "x.csv:3: w: must be one of all, some (got 'none')"
    )


@pytest.mark.parametrize(
    ("cells", "minutes", "zoned"),
    [
        (["1970-01-01T01:00Z", "1970-01-01 03:00+01:00"], [60, 120], True),
        (["1970-01-01T01:00:00.000", "1970-01-01 02:00"], [60, 120], False),
        (["2026-03-08T09:30:00+0000", "2026-03-08T03:00-07:00"], [29549370, 29549400], True),
    ],
)
def test_stamps_are_minutes_of_utc_or_of_a_clock_without_zone(
    csv_file: Callable[[str], Path], cells: list[str], minutes: list[int], *, zoned: bool
) -> None:
    found = table_file.read(csv_file("ts\n" + "\n".join(cells) + "\n")).instants("ts")
    assert found[0].tolist() == minutes
    assert found[1] is zoned


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("2026-13-01T00:00Z", "x.csv:3: ts: must be a date and time of the calendar"),
        ("2026-02-29T00:00Z", "must be a date and time of the calendar (got '2026-02-29T00:00Z')"),
        ("2026-01-01", "must be a time like 2026-03-08T16:00Z (got '2026-01-01')"),
        ("01/02/2026 00:00", "must be a time like"),
        ("1900-01-01T00:00Z", "must be from 1970 to 2199"),
        ("2026-01-01T00:00:30Z", "must be a whole minute"),
        ("2026-01-01T00:00", "must have a zone in all rows or in none"),
    ],
)
def test_a_cell_that_is_no_instant_is_refused(
    csv_file: Callable[[str], Path], cell: str, message: str
) -> None:
    table = table_file.read(csv_file(f"ts\n2026-01-01T00:00Z\n{cell}\n"))
    assert message in refused(lambda: table.instants("ts"))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_parquet_is_read_alike(parquet_file: Callable[..., Path], unit: str) -> None:
    stamps = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (0, 1)]
    ts = pa.array(stamps, pa.timestamp(unit, tz="America/Los_Angeles"))
    table = table_file.read(parquet_file(ts=ts, price=pa.array([1, 2], pa.int16())))
    minutes, zoned = table.instants("ts")
    assert minutes.tolist() == [29453760, 29453820]
    assert zoned
    assert table.numbers("price", 0, 9).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("price", "message"),
    [
        ([1.0, None], "x.parquet: row 2: price: must be a number (got None)"),
        ([1.0, float("nan")], "x.parquet: row 2: price: must be a finite number (got nan)"),
        ([1.0, float("inf")], "must be a finite number (got inf)"),
        ([1.0, 1e9], "must be from 0 to 9 (got 1000000000.0)"),
        ([True, False], "x.parquet: row 1: price: must be a number (got True)"),
        (["1", "two"], "x.parquet: row 2: price: must be a number (got 'two')"),
        ([[1.0], [2.0]], "must be a number (got [1.0])"),
    ],
)
def test_a_cell_of_parquet_is_refused_with_its_row(
    parquet_file: Callable[..., Path], price: list[object], message: str
) -> None:
    table = table_file.read(parquet_file(price=price))
    assert message in refused(lambda: table.numbers("price", 0, 9))


def test_a_date_or_nothing_is_no_instant(parquet_file: Callable[..., Path]) -> None:
    table = table_file.read(parquet_file(ts=[date(2026, 1, 1)]))
    assert "x.parquet: row 1: ts: must be a time like" in refused(lambda: table.instants("ts"))
    nothing = pa.array([None], pa.timestamp("us"))
    table = table_file.read(parquet_file(ts=nothing))
    assert "must be a time like 2026-03-08T16:00Z (got None)" in refused(
        lambda: table.instants("ts")
    )


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_parquet_file_is_refused(
    parquet_file: Callable[..., Path], share: float
) -> None:
    path = parquet_file(price=list(map(float, range(500))))
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert refused(lambda: table_file.read(path)).startswith("x.parquet: not a readable Parquet")


def test_files_that_are_too_large_are_refused(
    csv_file: Callable[[str], Path],
    parquet_file: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text, packed = csv_file("a\n1\n"), parquet_file(price=[1.0] * 4)
    with monkeypatch.context() as limit:
        limit.setattr(table_file, "BYTES_MAX", 3)
        message = refused(lambda: table_file.read(text))
    assert message == "x.csv: must be at most 3 bytes (got 4)"
    monkeypatch.setattr(table_file, "ROWS_MAX", 3)
    message = refused(lambda: table_file.read(packed))
    assert message == "x.parquet: must have at most 3 rows (got 4)"


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    assert refused(lambda: table_file.read(tmp_path)).endswith("cannot be read (Is a directory)")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_no_content_makes_the_reader_fail_otherwise(tmp_path: Path, content: bytes) -> None:
    for name in ("x.csv", "x.parquet"):
        (tmp_path / name).write_bytes(content)
        try:
            table = table_file.read(tmp_path / name)
            for column in table.columns:
                table.numbers(column, -1, 1)
                table.instants(column)
        except InputError as error:
            message = str(error)
        else:
            message = ""
        assert "\n" not in message
