"""CSV texts: what Arrow reads, and the line that a refusal names."""

import pytest

from profiles.errors import InputError
from profiles.tables.csv_lines import columns, header, line_of

HEAD = b"ts,home,load_kwh,type\n"
NAMES = ["ts", "home", "load_kwh", "type"]


def _refusal(content: bytes) -> str:
    with pytest.raises(InputError) as refusal:
        columns(content, "a.csv", header(content, "a.csv"))
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"ts,home\n1,2\n", ["ts", "home"]),
        (b"\xef\xbb\xbfts, home ,'x'\r\n", ["ts", "home", "'x'"]),
        (b'"ts","a,b"\r1,2', ["ts", "a,b"]),
        (b"ts", ["ts"]),
    ],
)
def test_the_first_line_names_the_columns(content: bytes, names: list[str]) -> None:
    assert header(content, "a.csv") == names


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n1,2\n", "a.csv:1: must name the columns, such as ts (the line is empty)"),
        (b"ts;home\n1;2\n", "a.csv:1: columns must be separated by commas (got ';')"),
        (b"ts\thome\n", "a.csv:1: columns must be separated by commas (got '\\t')"),
        (b'ts,"1\n1,2\n', "a.csv:1: is not CSV (unexpected end of data)"),
        (b"ts,hom\xe9\n", "a.csv:1: is not UTF-8 text (byte 6)"),
        (b"ts,home\n1,\x00\n", "a.csv:2: is not text (a zero byte)"),
        ("ts,home\n".encode("utf-16"), "a.csv:1: is not text (a zero byte)"),
        (b"x" * (2**20 + 1), "a.csv:1: must be at most 1048576 bytes (got 1048577)"),
    ],
)
def test_what_names_no_columns_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        header(content, "a.csv")
    assert str(refusal.value) == message


def test_numbers_texts_and_empty_cells_are_read() -> None:
    content = HEAD + b'2017,1, 2.5 ,flat\r\n\r\n"2018",2,,"ev"\r\n'
    found = {name: column.to_pylist() for name, column in columns(content, "", NAMES).items()}
    assert found == {
        "ts": ["2017", "2018"],
        "home": [1, 2],
        "load_kwh": [2.5, None],
        "type": ["flat", "ev"],
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (b"a,1,x,b\n", "a.csv:2: load_kwh: must be a number (got 'x')"),
        (b"a,1,1,b\n\na,1,1.2.3,b\n", "a.csv:4: load_kwh: must be a number (got '1.2.3')"),
        (b"a,1.0,1,b\n", "a.csv:2: home: must be a whole number (got '1.0')"),
        (b"a,,1,b\na,b,1,b\n", "a.csv:2: home: must be a whole number (got '')"),
        (b"a,1,1\n", "a.csv:2: must have 4 fields, as the first line (got 3)"),
        (b"a,1,1,b\na,1,1,b,c\n", "a.csv:3: must have 4 fields, as the first line (got 5)"),
        (b"a,1,1,b\na,1,1,\xe9\n", "a.csv:3: is not UTF-8 text (byte 36)"),
        (b'a,1,1,b\na,1,"1\n', "a.csv:3: must have 4 fields, as the first line (got 3)"),
        (b"a,1,0x10,b\n", "a.csv:2: load_kwh: must be a number (got '0x10')"),
        (b"a,1,1_0,b\n", "a.csv:2: load_kwh: must be a number (got '1_0')"),
        (b'"a\nb",1,x,b\n', "a.csv:2: ts: must stand in one line"),
        (b"a,1," + b"9" * 200_000 + b"x,b\n", "a.csv:2: is not CSV (field larger than"),
        (b"a,99999999999999999999,1,b\n", "a.csv:2: home: must be a whole number"),
    ],
)
def test_the_first_wrong_cell_is_named_by_line_and_field(rows: bytes, message: str) -> None:
    assert _refusal(HEAD + rows).startswith(message)


def test_a_row_is_found_whatever_stands_between() -> None:
    content = b'ts,home\n\n1,2\n"3\n4",5\r\n\n\n6,7'
    assert [line_of(content, row) for row in range(3)] == [3, 4, 8]


def test_where_quotes_are_broken_the_last_line_that_was_seen_is_named() -> None:
    assert line_of(b'ts,1\n1,2\n3,"4\n5,6\n', 2) == 3
    assert line_of(b'ts,"1\n1,2\n3,4\n', 1) == 3


def test_a_table_of_many_columns_is_read() -> None:
    names = ["ts", *(f"load_kwh_{home}" for home in range(20_000))]
    content = f"{','.join(names)}\n2017{',1.25' * 20_000}\n".encode()
    found = columns(content, "a.csv", header(content, "a.csv"))
    assert len(found) == 20_001
    assert found["load_kwh_19999"].to_pylist() == [1.25]
