"""Files that no editor shows as they are: binary, cut off, in another encoding, too large."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

LONG = b"ts,home,load_kwh\n2017-07-01T00:00,1,0.5\n2017-07-01T00:30,1,0.5\n"


def _arguments(path: str) -> list[str]:
    knobs = [f"profiles.path={path}", "profiles.source=file", "profiles.zone=UTC"]
    return ["compare", "base", *(word for knob in knobs for word in ("--set", knob))]


def _table(**columns: object) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def _half_hours(count: int = 4) -> pa.Array:
    return pa.array(np.datetime64("2017-07-01", "us") + np.arange(count) * np.timedelta64(30, "m"))


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("sheet.xml", "<sheet/>")
    return buffer.getvalue()


GOOD = _table(ts=_half_hours(), load_kwh_1=[0.5] * 4)
DEEP = "a: " + "[" * 100_000
NOISE = np.random.default_rng(3).bytes(5000)
NOT_WHOLE = "is not a whole Parquet file ("
UNREADABLE: list[tuple[str, bytes, str]] = [
    ("latin1.csv", LONG + b"caf\xe9,1,1\n", ":4: is not UTF-8 text (byte "),
    ("latin1_head.csv", b"ts,home,caf\xe9\n", ":1: is not UTF-8 text (byte 11)"),
    ("latin1_type.csv", b"ts,home,load_kwh,type\n2017-07-01T00:00,1,1,\xfcber\n", ":2: is n"),
    ("utf16.csv", LONG.decode().encode("utf-16"), ":1: is not text (a zero byte)"),
    ("zero.csv", LONG + b"2017-07-01T01:00,1,\x00\n", ":4: is not text (a zero byte)"),
    ("zeros.csv", bytes(1000), ":1: is not text (a zero byte)"),
    ("noise.csv", NOISE, ":"),
    ("noise.parquet", NOISE, f": {NOT_WHOLE}"),
    ("gzip.csv", gzip.compress(LONG, mtime=0), ":1: is not text (a zero byte)"),
    ("sheet.csv", _zip(), ":"),
    ("sheet.parquet", _zip(), f": {NOT_WHOLE}"),
    ("parquet.csv", GOOD, ":1: is not text (a zero byte)"),
    ("empty.parquet", b"", ": is empty"),
    ("magic.parquet", b"PAR1PAR1", f": {NOT_WHOLE}"),
    ("cut_end.parquet", GOOD[:-1], f": {NOT_WHOLE}"),
    ("cut_half.parquet", GOOD[: len(GOOD) // 2], f": {NOT_WHOLE}"),
    ("cut_start.parquet", GOOD[10:], f": {NOT_WHOLE}"),
    ("hole.parquet", GOOD[:4] + bytes(200) + GOOD[204:], f": {NOT_WHOLE}"),
    (
        "huge_field.csv",
        LONG + b"2017-07-01T01:00,1," + b"9" * 200_000 + b"x\n",
        ":4: is not CSV (fi",
    ),
    ("huge_stamp.csv", LONG + b"2" * 500_000 + b",1,1\n", ":4: ts: must be a time like"),
    ("huge_head.csv", b"ts," + b"x" * 2_000_000, ":1: must be at most 1048576 bytes"),
    ("many_columns.csv", b"ts" + b",1" * 60_000 + b"\n", ":1: must have at most 50000 c"),
    ("many_digits.csv", LONG + b"2017-07-01T01:00,1,0." + b"3" * 90_000 + b"z\n", ":4: load_"),
    ("control.csv", LONG + b"2017-07-01T01:00,1,\x1b[31m\n", ":4: load_kwh: must be a number"),
    ("old_mac.csv", LONG.replace(b"\n", b"\r") + b"2017-07-01T01:00,1,x\r", ":4: load_kwh: must"),
    (
        "no_rows.parquet",
        _table(ts=_half_hours(0), load_kwh_1=pa.array([], pa.float64())),
        ": must have rows",
    ),
    (
        "nan.parquet",
        _table(ts=_half_hours(), load_kwh_1=[1, 2, float("nan"), 3]),
        ": row 3: load_kwh_1: must be a finite",
    ),
    (
        "inf.parquet",
        _table(ts=_half_hours(), load_kwh_1=[float("inf")] * 4),
        ": row 1: load_kwh_1: must be a finite",
    ),
    (
        "negative.parquet",
        _table(ts=_half_hours(), load_kwh_1=[1, 1, 1, -1]),
        ": row 4: load_kwh_1: must be at l",
    ),
    (
        "null.parquet",
        _table(ts=_half_hours(), load_kwh_1=[1, None, 1, 1]),
        ": row 2: load_kwh_1: must be given unl",
    ),
    (
        "watts.parquet",
        _table(ts=_half_hours(), load_kwh_1=[450] * 4),
        ": row 1: load_kwh_1: must be at most 50 kWh",
    ),
    (
        "text.parquet",
        _table(ts=_half_hours(), load_kwh_1=["1"] * 4),
        ": load_kwh_1: must be numbers (got 's",
    ),
    (
        "nested.parquet",
        _table(ts=_half_hours(), load_kwh_1=[[1.0]] * 4),
        ": load_kwh_1: must be numbers",
    ),
    (
        "twice.parquet",
        _table(ts=pa.concat_arrays([_half_hours(2)] * 2), load_kwh_1=[1] * 4),
        ": row 3: ts: must be given once",
    ),
    (
        "gap.parquet",
        _table(ts=_half_hours(6).take([0, 1, 2, 5]), load_kwh_1=[1] * 4),
        ": home 1: ts: must have no gap",
    ),
    ("no_time.parquet", _table(ts=[1, 2], load_kwh_1=[1, 1]), ": ts: must be times or texts"),
    (
        "year_1900.parquet",
        _table(ts=pa.array(["1900-01-01T00:00"] * 2), load_kwh_1=[1, 1]),
        ": row 1: ts: the year",
    ),
    (
        "index.parquet",
        _table(load_kwh_1=[1.0], __index_level_0__=[1]),
        ": ts: is missing (columns: load_",
    ),
    ("latin1.yaml", b"seed: 1\nname: caf\xe9\n", ":2: not UTF-8 text (byte 17)"),
    ("utf16.yaml", "seed: 1\n".encode("utf-16"), ":1: not UTF-8 text (byte 0)"),
    ("zero.yaml", b"seed: 1\nname: \x00\n", ":2: character U+0000 is not allowed"),
    ("bell.yaml", b"seed: 1\nname: \x07\n", ":2: character U+0007 is not allowed"),
    ("noise.yaml", NOISE, ":"),
    ("gzip.yaml", gzip.compress(b"seed: 1\n", mtime=0), ":1: not UTF-8 text (byte 1)"),
    ("deep.yaml", DEEP.encode(), ":1: must be nested at most 20 deep"),
    ("large.yaml", b"# " + b"x" * 1_000_000, ": must be at most 1000000 bytes"),
    ("long_key.yaml", b"k" * 5000 + b": 1\n", ":1:"),
    (
        "many_values.yaml",
        b"a: [" + b"1," * 400_000 + b"1]\n",
        ":1: must hold at most 50000 keys and v",
    ),
    (
        "many_keys.yaml",
        b"".join(b"k%d: 1\n" % n for n in range(20_000)),
        ":1: k0: is not a known key",
    ),
    ("surrogate.json", b'{"name": "\\udc00"}', ":1: half of a surrogate pair"),
]


@pytest.mark.parametrize(
    ("name", "content", "says"), UNREADABLE, ids=[case[0] for case in UNREADABLE]
)
def test_what_no_editor_shows_is_refused_in_one_line(
    name: str, content: bytes, says: str, refused: Callable[[list[str]], str]
) -> None:
    Path(name).write_bytes(content)
    arguments = ["compare", name] if name.endswith((".yaml", ".json")) else _arguments(name)
    assert refused(arguments).startswith(f"error: {name}{says}")


def _folder() -> None:
    Path("load.csv").mkdir()


def _link_to_nowhere() -> None:
    Path("load.csv").symlink_to("nowhere.csv")


def _link_to_itself() -> None:
    Path("load.csv").symlink_to("load.csv")


def _device() -> None:
    Path("load.csv").symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [_folder, _link_to_nowhere, _link_to_itself, _device])
def test_a_path_that_is_no_file_is_refused(
    make: Callable[[], None], refused: Callable[[list[str]], str]
) -> None:
    make()
    assert "load.csv" in refused(_arguments("load.csv"))
