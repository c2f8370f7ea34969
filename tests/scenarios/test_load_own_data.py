"""Scenarios that name data of their own: where the data are found, and what is blamed."""

from pathlib import Path

import numpy as np
import pytest

from profiles.errors import InputError
from profiles.grid_capacity import GridCapacity
from scenarios.load import load

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")


def _write(name: str, text: str) -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def _data(folder: str, rows: int = 24 * 20) -> None:
    """Write two homes with 20 days by the hour."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    starts = np.datetime64("2017-06-01T00:00") + np.arange(rows) * np.timedelta64(1, "h")
    text = "ts,1,2\n" + "".join(f"{start},1,0.5\n" for start in starts)
    _write(f"{folder}/load.csv", text)


OWN = (
    "profiles: {source: file, path: load.csv, zone: '-08:00'}\nrun: {start: 2017-06-16, days: 1}\n"
)


def test_data_are_found_beside_the_file_that_names_them(tmp_path: Path) -> None:
    _data("deep/data")
    _write("deep/data/parent.yaml", OWN)
    _write("child.yaml", "base: deep/data/parent.yaml\n")
    for name in ("deep/data/parent.yaml", "child.yaml"):
        assert load(name).profiles.path == str(tmp_path / "deep" / "data" / "load.csv")


def test_data_typed_on_the_command_line_are_found_from_the_working_directory(
    tmp_path: Path,
) -> None:
    _data(".")
    _write("deep.yaml", OWN.replace("load.csv", "none.csv"))
    loaded = load("deep.yaml", ["profiles.path=load.csv", "profiles.weather_path=null"])
    assert loaded.profiles.path == str(tmp_path / "load.csv")
    assert loaded.profiles.weather_path is None


def test_a_capacity_is_found_beside_the_file_that_names_it_and_blamed_there(
    tmp_path: Path,
) -> None:
    _data("deep")
    capped = OWN + "grid: {capacity_path: grid.csv}\n"
    _write("deep/own.yaml", capped)
    GridCapacity.constant(9.0, 9.0, 48).save("deep/grid.csv")
    assert load("deep/own.yaml").grid.capacity_path == str(tmp_path / "deep" / "grid.csv")
    GridCapacity.constant(9.0, 9.0, 47).save("deep/grid.csv")
    with pytest.raises(InputError) as refusal:
        load("deep/own.yaml")
    assert str(refusal.value) == (
        "deep/own.yaml:3: grid.capacity_path: deep/grid.csv: must have 48 timesteps or more for "
        "the run (got 47)"
    )


def test_a_saved_scenario_finds_its_data_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _data("here")
    _write("here/own.yaml", OWN)
    saved = load("here/own.yaml").as_json()
    Path("there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    assert load(_write("params.json", saved)) == load("../here/own.yaml")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("path: none.csv", "x.yaml:3: profiles.path: must be a file or folder (got "),
        ("path: 5", "x.yaml:3: profiles.path: must be text (got 5)"),
        ("path: ''", "x.yaml:3: profiles.path: must name a file or folder (got '')"),
        ("zone: null", "x.yaml:3: profiles.zone: must be an IANA name"),
        ("zone: Mars", "x.yaml:3: profiles.zone: must be an IANA name"),
        ("weather_path: none.csv", "x.yaml:3: profiles.weather_path: must be a file (got "),
        ("fill: magic", "x.yaml:3: profiles.fill: must be 'none', 'linear', 'previous_day' or 'ze"),
        ("fill_hours_max: 0", "x.yaml:3: profiles.fill_hours_max: must be above 0 (got 0)"),
        ("source: fontana", "x.yaml: profiles.path: must be null unless the source is file"),
    ],
)
def test_a_knob_of_the_data_is_blamed_where_it_was_typed(typed: str, message: str) -> None:
    _data(".")
    _write("parent.yaml", OWN)
    _write("x.yaml", f"base: parent.yaml\nprofiles:\n  {typed}\n")
    with pytest.raises(InputError) as refusal:
        load("x.yaml")
    assert str(refusal.value).startswith(message.replace("x.yaml: ", "parent.yaml:1: "))


def test_a_wrong_cell_of_the_data_is_named_by_its_own_file() -> None:
    _data("deep")
    with Path("deep/load.csv").open("a", encoding="utf-8") as file:
        file.write("2017-06-21T00:00,1,n/a\n")
    _write("deep/own.yaml", OWN)
    with pytest.raises(InputError, match=r"^deep/load.csv:482: 2: must be a number \(got 'n/a'\)$"):
        load("deep/own.yaml")


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        (["carbon.name=file"], "--set carbon.name=file: carbon.path: must be a file with rates"),
        (["carbon.path=x.csv"], "--set carbon.path=x.csv: carbon.path: must be null unless the na"),
        (
            ["carbon.name=file", "carbon.path=x.csv"],
            "--set carbon.path=x.csv: carbon.path: must be a file (got 'x.csv')",
        ),
        (
            ["carbon.name=caiso_pge"],
            "profiles/data/carbon_caiso_pge.parquet: must have a rate for 2017-07-01 08:00 UTC (go",
        ),
    ],
)
def test_rates_of_carbon_that_are_not_to_be_had_are_refused(knobs: list[str], message: str) -> None:
    with pytest.raises(InputError) as refusal:
        load("base", knobs)
    assert str(refusal.value).startswith(message)


def test_homes_of_ones_own_have_the_carbon_that_was_asked_for() -> None:
    _data(".")
    _write("own.yaml", OWN)
    assert load("own.yaml").carbon.name == "none"
