"""Homes for a file: what may be asked for, and what they bring along."""

from pathlib import Path

import numpy as np
import pytest

from profiles.config import ProfilesConfig
from profiles.errors import InputError
from profiles.grid_capacity import GridCapacity
from profiles.recorded import reader, write
from profiles.synthetic import generator
from scenarios import generate
from scenarios.sensors import SENSORS

SMALL = {"--homes": 3, "--days": 4, "--start": "2018-07-02", "--seed": 5}


def test_options_set_the_knobs_of_the_generator() -> None:
    scenario = generate.typed("synthetic", [], {**SMALL, "--step-minutes": 60})
    knobs = scenario.profiles.synthetic
    assert (knobs.homes_count, knobs.days, knobs.start) == (3, 4, "2018-07-02")
    assert (scenario.seed, scenario.run.step_minutes) == (5, 60)


def test_homes_are_those_of_the_generator_with_the_sensors_of_their_batteries() -> None:
    scenario = generate.typed("synthetic", [], SMALL)
    made = generate.homes(scenario)
    plain = generator.generate(scenario.profiles.synthetic, 30, 5)
    np.testing.assert_array_equal(made.load_kwh, plain.load_kwh)
    assert tuple(made.sensors) == SENSORS
    assert made.sensors["soc_fraction"].min() >= 0.1 - 1e-12


def test_a_written_file_is_read_back_to_the_same_homes(tmp_path: Path) -> None:
    made = generate.homes(generate.typed("synthetic", [], SMALL))
    path = tmp_path / "homes.csv"
    write.write_long(made, path)
    found = reader.read(ProfilesConfig(source="file", path=str(path)), 30)
    assert found.load_kwh.tobytes() == made.load_kwh.tobytes()
    assert found.home_types == made.home_types
    for name, column in {**made.appliances_kwh, **made.sensors}.items():
        both = {**found.appliances_kwh, **found.sensors}
        assert both[name].tobytes() == column.tobytes()


def test_what_was_written_is_told(tmp_path: Path) -> None:
    scenario = generate.typed("synthetic", [], {**SMALL, "--step-minutes": 60})
    homes, weather = tmp_path / "homes.csv", tmp_path / "weather.csv"
    made = generate.homes(scenario)
    assert generate.write_homes(scenario, homes, weather) == (
        f"{homes}: 3 homes, 288 rows, {made.load_kwh.sum():.1f} kWh of load, "
        f"{made.pv_kwh.sum():.1f} kWh of generation"
    )
    assert len(weather.read_text(encoding="utf-8").splitlines()) == 4 * 24 + 1


def test_an_override_is_laid_over_what_is_generated(tmp_path: Path) -> None:
    path = tmp_path / "sunny.yaml"
    path.write_text("profiles: {synthetic: {pv_fraction: 1.0}}", encoding="utf-8")
    found = generate.typed("synthetic", [], SMALL, [str(path)])
    assert found.profiles.synthetic.pv_fraction == 1.0


@pytest.mark.parametrize(
    ("name", "overrides", "options", "message"),
    [
        ("fontana", [], {}, "scenarios/base.yaml:7: profiles.source: must be synthetic (got"),
        ("synthetic", [], {"--homes": 0}, "--homes 0: profiles.synthetic.homes_count: must be at"),
        ("synthetic", [], {"--start": "soon"}, "--start soon: profiles.synthetic.start: must be a"),
        ("synthetic", ["profiles.synthetic.moon=1"], {}, "--set profiles.synthetic.moon=1: "),
    ],
)
def test_what_cannot_be_generated_is_refused_as_it_was_typed(
    name: str, overrides: list[str], options: dict[str, int | str], message: str
) -> None:
    with pytest.raises(InputError) as refusal:
        generate.typed(name, overrides, options)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("homes.txt", "homes.txt: must end in .csv or .parquet (got '.txt')"),
        ("no/homes.csv", "must lie in a folder that exists"),
        ("folder.csv", "must be a file, not a folder"),
    ],
)
def test_a_file_that_could_not_be_written_is_refused(
    name: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError) as refusal:
        generate.check_paths(tmp_path / name)
    assert message in str(refusal.value)


def test_homes_and_weather_do_not_go_to_one_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    with pytest.raises(InputError, match="must be another file than that of the weather"):
        generate.check_paths(tmp_path / "a.csv", tmp_path / "sub" / ".." / "a.csv")


def test_the_homes_of_a_scenario_are_those_that_it_would_run_on() -> None:
    short = ["profiles.synthetic.days=2"]
    seven = generate.homes(generate.typed("synthetic", [*short, "homes.count=7"], {}))
    assert seven.homes_count == 7
    kinds = generate.homes(generate.typed("synthetic", [*short, "homes.types={ev: 2}"], {}))
    assert kinds.home_types == ("ev", "ev")
    with pytest.raises(InputError, match=r"^--set homes.count=3000000: homes.count: must be at"):
        generate.typed("synthetic", [*short, "homes.count=3000000"], {})


def test_files_are_written_and_told_in_a_line(tmp_path: Path) -> None:
    homes, weather = tmp_path / "homes.csv", tmp_path / "weather.csv"
    told = generate.write_homes(generate.typed("synthetic", [], SMALL), homes, weather)
    assert told.startswith(f"{homes}: 3 homes, {3 * 4 * 48} rows, ")
    assert weather.exists()
    path = tmp_path / "grid.csv"
    told = generate.write_capacity(path, 90, (5000.0, 4000.0, 0.5, 0.0, 3), 30)
    assert told == f"{path}: 90 steps, 2500.0 to 5000.0 kW of import, 2000.0 to 4000.0 kW of export"
    assert GridCapacity.from_file(path).steps_count == 90
    with pytest.raises(InputError, match="must lie in a folder that exists"):
        generate.write_capacity(tmp_path / "no" / "grid.csv", 90, (1.0, 1.0, 0.5, 0.0, 3), 30)
