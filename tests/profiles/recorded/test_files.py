"""Which file holds what of which home."""

import os
from pathlib import Path

import pytest

from profiles.errors import FitError, InputError
from profiles.recorded.files import EVERY_ROW, Homes, homes_at
from profiles.tables.table import BYTES_MAX

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")


def _homes(files: dict[str, str], path: str, apart: str | None = None) -> Homes:
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    return homes_at(Path(path), None if apart is None else Path(apart))


def _fields(homes: Homes) -> list[tuple[str, str, int]]:
    return [(f.quantity, f.column, f.home) for sheet in homes.sheets for f in sheet.fields]


def test_in_a_long_table_every_row_tells_its_home() -> None:
    text = "ts,home,load_kwh,fridge_kwh,soc_fraction,type\n"
    text += "1,7,1,1,1,ev\n1,3,1,1,1,flat\n2,7,1,1,1,ev\n"
    homes = _homes({"a.csv": text}, "a.csv")
    assert homes.ids.tolist() == [3, 7]
    assert homes.types == ("flat", "ev")
    assert homes.sheets[0].home is not None
    assert homes.sheets[0].home.tolist() == [1, 0, 1]
    names = ("load_kwh", "fridge_kwh", "soc_fraction")
    assert _fields(homes) == [(name, name, EVERY_ROW) for name in names]


def test_in_a_wide_table_every_column_tells_its_home() -> None:
    text = "ts,pv_kwh_10,load_kwh_10,load_kwh_2\n1,1,1,1\n"
    homes = _homes({"a.csv": text}, "a.csv")
    assert homes.ids.tolist() == [2, 10]
    assert _fields(homes) == [
        ("pv_kwh", "pv_kwh_10", 1),
        ("load_kwh", "load_kwh_10", 1),
        ("load_kwh", "load_kwh_2", 0),
    ]


def test_in_the_plainest_table_a_column_is_an_id_and_means_load() -> None:
    homes = _homes({"a.csv": "ts,4,0\n1,1,1\n"}, "a.csv")
    assert homes.ids.tolist() == [0, 4]
    assert _fields(homes) == [("load_kwh", "4", 1), ("load_kwh", "0", 0)]


def test_in_a_folder_a_file_is_a_home_and_one_may_name_the_types() -> None:
    files = {
        "a/home_10.csv": "ts,load_kwh,pv_kwh\n1,1,1\n",
        "a/2.csv": "ts,load_kwh\n1,1\n",
        "a/homes.csv": "home,type\n10,ev\n2,flat\n",
        "a/readme.txt": "not read",
        "a/.hidden.csv": "not read",
        "a/weather.csv": "not of a home",
    }
    homes = _homes(files, "a", "a/weather.csv")
    assert homes.ids.tolist() == [2, 10]
    assert homes.types == ("flat", "ev")
    assert [sheet.table.file.name for sheet in homes.sheets] == ["a/2.csv", "a/home_10.csv"]
    assert [file.name for file in homes.others] == ["a/homes.csv"]


LONG = "ts,home,load_kwh"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"{LONG},laod\n1,1,1,1\n",
            "a.csv:1: laod: is not a known column (known: ts, home, load_k",
        ),
        ("ts,home,pv_kwh\n1,1,1\n", "a.csv:1: load_kwh: is missing (columns: ts, h"),
        ("ts,load_kwh\n1,1\n", "a.csv:1: home: is missing, which goes with load_kwh"),
        ("ts,load_kwh_01\n1,1\n", "a.csv:1: load_kwh_01: is not a known column"),
        ("ts,load_kwh_a\n1,1\n", "a.csv:1: load_kwh_a: is not a known column"),
        ("ts\n1\n", "a.csv:1: must have a column of load (columns: ts)"),
        ("ts,pv_kwh_3\n1,1\n", "a.csv:1: load_kwh_3: is missing"),
        ("ts,3,load_kwh_3\n1,1,1\n", "a.csv:1: columns must be all <id>, or load_kwh_<id> and"),
        ("ts,3,pv_kwh_3\n1,1,1\n", "a.csv:1: columns must be all <id>, or load_kwh_<id> and"),
        (f"{LONG}\n1,-1,1\n", "a.csv:2: home: must be from 0 to 1000000000000000 (got -1)"),
        (f"{LONG}\n1,1000000000000001,1\n", "a.csv:2: home: must be from 0 to 10000000000000"),
        (f"{LONG},type\n1,1,1,a\n2,1,1,b\n", "a.csv:3: type: must be the same in all rows of a "),
        (f"{LONG},type\n1,1,1,two words\n", "a.csv:2: type: must be a name of at most 40 letters"),
    ],
)
def test_a_table_of_no_known_shape_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        _homes({"a.csv": text}, "a.csv")
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a/b.txt": ""}, "a: must hold a file for each home, <id>.csv or <id>.parquet (got none)"),
        ({"a/01.csv": "x"}, "a/01.csv: must be called <id>, home_<id> or homes.csv, ids without"),
        ({"a/1.csv": "x", "a/home_1.csv": "x"}, "a/home_1.csv: home 1: must have one file (and 1"),
        ({"a/1.csv": "ts,pv_kwh\n1,1\n"}, "a/1.csv:1: load_kwh: is missing (columns: ts, pv_kwh)"),
        ({"a/1.csv": f"{LONG}\n1,1,1\n"}, "a/1.csv:1: home: is not a known column (known: ts, loa"),
        (
            {"a/homes.csv": "home,type\n3,a\n"},
            "a/homes.csv:2: home: must have a file in the folder",
        ),
        (
            {"a/homes.csv": "home,type\n1,a\n1,a\n"},
            "a/homes.csv:3: home: must be named once (got 1",
        ),
        ({"a/homes.csv": "home,type\n1,a\n"}, "a/homes.csv: home 2: must have a type (got none)"),
        ({"a/homes.csv": "home,kind\n1,a\n"}, "a/homes.csv:1: type: is missing (columns: home, ki"),
        ({"a/homes.csv": "home,type,x\n1,a,1\n"}, "a/homes.csv:1: x: is not a known column"),
    ],
)
def test_a_folder_that_is_not_one_file_per_home_is_refused(
    files: dict[str, str], message: str
) -> None:
    own = "ts,load_kwh\n1,1\n"
    whole = {"a/1.csv": own, "a/2.csv": own, **files} if "a/homes.csv" in files else files
    with pytest.raises(InputError) as refusal:
        _homes(whole, "a")
    assert str(refusal.value).startswith(message)


def test_a_folder_larger_than_a_file_may_be_is_refused() -> None:
    Path("a").mkdir()
    for home in (1, 2):
        with Path(f"a/{home}.csv").open("wb") as file:
            file.truncate(BYTES_MAX // 2 + 1)  # a hole, which takes no room
    with pytest.raises(InputError, match=r"^a: must be at most 1000000000 bytes together"):
        homes_at(Path("a"))


@pytest.mark.parametrize("path", ["none.csv", "a\0b", "x" * 5000])
def test_what_is_not_there_is_put_to_the_knob(path: str) -> None:
    with pytest.raises(FitError, match="must be a file or folder") as refusal:
        homes_at(Path(path))
    assert refusal.value.path == "profiles.path"


def test_a_pipe_in_a_folder_is_not_waited_for() -> None:
    Path("homes").mkdir()
    Path("homes/1.csv").write_text("ts,load_kwh\n2017-07-01T00:00,1\n", encoding="utf-8")
    os.mkfifo("homes/2.csv")
    with pytest.raises(InputError, match=r"homes/2.csv: must be a file$"):
        homes_at(Path("homes"))
