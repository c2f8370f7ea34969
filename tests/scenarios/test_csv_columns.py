"""Columns of a CSV file: what is read, and one line for what is not."""

from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios import csv_columns

WANTED = ("kwh", "home")


def _file(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _read_all(path: Path) -> None:
    columns = csv_columns.read(path, WANTED)
    columns.numbers("kwh", 0.0, 50.0)
    columns.whole_numbers("home")


def _refused(path: Path, content: str | bytes) -> str:
    """Read all of a file, and return the message without the folder."""
    file = _file(path / "a.csv", content)
    with pytest.raises(InputError) as caught:
        _read_all(file)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(str(path)).removeprefix("/")


@pytest.mark.parametrize(
    "content",
    [
        "home,kwh\n1,0.5\n2,2\n",
        "kwh,home\n0.50,1\n2.,2\n",
        "kwh , home\n+0.5 , 1\n20e-1, 2.0\n",
        '"kwh","home","why"\n"0.5","1","a, b\nc"\n"2","2",""\n',
        "\ufeffkwh,home\r\n0.5,1\r\n\r\n2,2",
    ],
    ids=["integers", "another order", "spaces", "quotes", "byte order mark and returns"],
)
def test_the_same_numbers_may_be_written_in_many_ways(tmp_path: Path, content: str) -> None:
    columns = csv_columns.read(_file(tmp_path / "a.csv", content), WANTED)
    assert columns.numbers("kwh").tolist() == [0.5, 2.0]
    assert columns.whole_numbers("home").tolist() == [1, 2]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("n/a,1", "a.csv:3: kwh: must be a number (got 'n/a')"),
        (",1", "a.csv:3: kwh: must be a number (got '')"),
        ("nan,1", "a.csv:3: kwh: must be a number (got 'nan')"),
        ("inf,1", "a.csv:3: kwh: must be a number (got 'inf')"),
        ("1_0,1", "a.csv:3: kwh: must be a number (got '1_0')"),
        ("1 0,1", "a.csv:3: kwh: must be a number (got '1 0')"),
        ("1e999,1", "a.csv:3: kwh: must be a finite number (got '1e999')"),
        ("\u0661,1", "a.csv:3: kwh: must be a number (got '\u0661')"),
        ("-0.000002,1", "a.csv:3: kwh: must be at least 0 (got '-0.000002')"),
        ("50.01,1", "a.csv:3: kwh: must be at most 50 (got '50.01')"),
        ("x" * 80 + ",1", f"a.csv:3: kwh: must be a number (got '{'x' * 56}...)"),
        ("1,1.5", "a.csv:3: home: must be a whole number (got '1.5')"),
        ("1,-1", "a.csv:3: home: must be at least 0 (got '-1')"),
        ("1,1e30", "a.csv:3: home: must be at most 9.0072e+15 (got '1e30')"),
        ("1", "a.csv:3: must have 2 values, as the header (got 1)"),
        ("1,1,1", "a.csv:3: must have 2 values, as the header (got 3)"),
        ('1,"1', "a.csv:3: is not CSV (unexpected end of data)"),
        ('"1"x,1', "a.csv:3: is not CSV (',' expected after '\"')"),
    ],
)
def test_a_value_is_refused_where_it_stands(tmp_path: Path, value: str, message: str) -> None:
    assert _refused(tmp_path, f"kwh,home\n1,2\n{value}\n") == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "a.csv: kwh: is missing from the header"),
        ("\n\n", "a.csv: kwh: is missing from the header"),
        ("kwh,Home\n1,2\n", "a.csv: home: is missing from the header"),
        ("kwh;home\n1;2\n", "a.csv: kwh: is missing from the header"),
        ("kwh,home,kwh\n1,2,3\n", "a.csv: kwh: stands twice in the header"),
        ("kwh,home\n", "a.csv: must have 1 row or more below its header (got none)"),
        (b"kwh,home\n1,2\n\xe9,3\n", "a.csv:3: not UTF-8 text (byte 13)"),
        (b"PAR1\x15\x04\x15\xff", "a.csv:1: not UTF-8 text (byte 7)"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    assert _refused(tmp_path, content) == message


def test_a_line_is_counted_where_a_quoted_value_goes_on(tmp_path: Path) -> None:
    assert _refused(tmp_path, 'home,kwh,x\n1,1,"a\nb"\n\n2,no,\n').startswith("a.csv:5: kwh:")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.csv: cannot be read \(No such file or directory\)$"):
        csv_columns.read(tmp_path / "a.csv", WANTED)


def test_a_hair_below_zero_is_zero_written_by_a_float(tmp_path: Path) -> None:
    columns = csv_columns.read(_file(tmp_path / "a.csv", "kwh,home\n-1e-17,1\n"), WANTED)
    assert columns.numbers("kwh", 0.0).tolist() == [-1e-17]
