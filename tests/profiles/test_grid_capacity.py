"""Capacities of a grid: read, made, drawn and written."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from profiles.errors import InputError
from profiles.grid_capacity import COLUMNS, GridCapacity

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

HEAD = ",".join(COLUMNS)


def _read(rows: str) -> GridCapacity:
    Path("grid.csv").write_text(rows, encoding="utf-8")
    return GridCapacity.from_file("grid.csv")


def test_a_file_has_a_row_for_each_step() -> None:
    found = _read("export_capacity_kw,timestep,import_capacity_kw\n3,0,5\n0,1,6.5\n")
    assert found.import_capacity_kw.tolist() == [5.0, 6.5]
    assert found.export_capacity_kw.tolist() == [3.0, 0.0]
    assert found.steps_count == 2
    assert [each.name for each in found.inputs] == ["grid.csv"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (f"{HEAD}\n", "grid.csv: must have rows below the names of the columns (got 0)"),
        ("", "grid.csv: is empty"),
        ("timestep,import_capacity_kw\n0,5\n", "grid.csv:1: export_capacity_kw: is missing"),
        (f"{HEAD},note\n0,5,4,1\n", "grid.csv:1: note: is not a known column (known: timestep, "),
        (f"{HEAD}\n1,5,4\n", "grid.csv:2: timestep: must be 1 more than in the row before, from"),
        (f"{HEAD}\n0,5,4\n2,5,4\n", "grid.csv:3: timestep: must be 1 more than in the row before"),
        (f"{HEAD}\n0,5,4\n0,5,4\n", "grid.csv:3: timestep: must be given once"),
        (f"{HEAD}\n0,5,4\n1,5,4\n0,5,4\n", "grid.csv:4: timestep: must be later than the row b"),
        (f"{HEAD}\n-1,5,4\n", "grid.csv:2: timestep: must be from 0 to 10000000 (got -1)"),
        (f"{HEAD}\n0.5,5,4\n", "grid.csv:2: timestep: must be a whole number (got '0.5')"),
        (f"{HEAD}\n0,-5,4\n", "grid.csv:2: import_capacity_kw: must be from 0 to 1e+09 (got -5"),
        (f"{HEAD}\n0,5,inf\n", "grid.csv:2: export_capacity_kw: must be a finite number (got inf)"),
        (f"{HEAD}\n0,5,1e999\n", "grid.csv:2: export_capacity_kw: must be a finite number (got"),
        (f"{HEAD}\n0,5,1e10\n", "grid.csv:2: export_capacity_kw: must be from 0 to 1e+09 (got"),
        (f"{HEAD}\n0,,4\n", "grid.csv:2: import_capacity_kw: must be given (got nothing)"),
    ],
)
def test_what_is_no_capacity_is_refused_with_its_place(rows: str, says: str) -> None:
    with pytest.raises(InputError) as refusal:
        _read(rows)
    assert str(refusal.value).startswith(says)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("column", "values", "says"),
    [
        ("import_capacity_kw", [1.0, float("nan")], "row 2: import_capacity_kw: must be a finite"),
        ("export_capacity_kw", [float("inf"), 1.0], "row 1: export_capacity_kw: must be a finite"),
        ("export_capacity_kw", [None, 1.0], "row 1: export_capacity_kw: must be given"),
        ("import_capacity_kw", ["1", "2"], "import_capacity_kw: must be numbers (got 'string')"),
        ("timestep", [0.0, 1.0], "timestep: must be whole numbers (got 'double')"),
        ("timestep", [0, None], "row 2: timestep: must be given (got nothing)"),
    ],
)
def test_a_parquet_file_is_held_to_the_same(column: str, values: list[object], says: str) -> None:
    table = dict(zip(COLUMNS, ([0, 1], [1.0, 1.0], [2.0, 2.0]), strict=True))
    parquet.write_table(pa.table(table | {column: values}), "grid.parquet")
    with pytest.raises(InputError) as refusal:
        GridCapacity.from_file("grid.parquet")
    assert str(refusal.value).startswith(f"grid.parquet: {says}")


def test_there_has_to_be_a_file() -> None:
    with pytest.raises(InputError, match=r"^none.csv: cannot be read \(No such file"):
        GridCapacity.from_file("none.csv")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@given(values=st.lists(st.floats(0.0, 1e9), min_size=1, max_size=5))
def test_what_is_saved_comes_back_bit_by_bit(suffix: str, values: list[float]) -> None:
    written = GridCapacity(np.array(values), np.array(values[::-1]))
    written.save(f"grid.{suffix}")
    found = GridCapacity.from_file(f"grid.{suffix}")
    assert found.import_capacity_kw.tobytes() == written.import_capacity_kw.tobytes()
    assert found.export_capacity_kw.tobytes() == written.export_capacity_kw.tobytes()


def test_a_saved_file_is_plain_text() -> None:
    GridCapacity.constant(12.5, 0, 2).save("grid.csv")
    assert Path("grid.csv").read_text(encoding="utf-8") == f"{HEAD}\n0,12.5,0\n1,12.5,0\n"


@pytest.mark.parametrize(
    ("figures", "says"),
    [
        ((-1.0, 1.0, 3), "import_kw: must be from 0 to 1e+09 (got -1)"),
        ((1.0, float("inf"), 3), "export_kw: must be from 0 to 1e+09 (got inf)"),
        ((1.0, float("nan"), 3), "export_kw: must be from 0 to 1e+09 (got nan)"),
        ((1.0, 1.0, 0), "steps: must be from 1 to 10000000 (got 0)"),
    ],
)
def test_a_constant_outside_its_bounds_is_refused(
    figures: tuple[float, float, int], says: str
) -> None:
    with pytest.raises(InputError) as refusal:
        GridCapacity.constant(*figures)
    assert str(refusal.value) == says


def test_without_noise_capacity_falls_from_four_to_eight_every_evening() -> None:
    made = GridCapacity.generate(noise_std=0.0)
    assert made.steps_count == 90
    evening = np.zeros(90, np.bool_)
    evening[[*range(32, 40), *range(80, 88)]] = True
    assert made.import_capacity_kw.tolist() == np.where(evening, 2500.0, 5000.0).tolist()
    assert made.export_capacity_kw.tolist() == np.where(evening, 2000.0, 4000.0).tolist()


@pytest.mark.parametrize(("step_minutes", "first"), [(15, 64), (60, 16)])
def test_steps_of_any_length_know_the_evening(step_minutes: int, first: int) -> None:
    day = 24 * 60 // step_minutes
    made = GridCapacity.generate(day, noise_std=0.0, step_minutes=step_minutes)
    low = np.flatnonzero(made.import_capacity_kw < 5000.0)
    assert (low[0], low.size) == (first, day // 6)


def test_noise_is_relative_drawn_for_every_value_and_never_below_nothing() -> None:
    made = GridCapacity.generate(20_000, peak_reduction=0.0, noise_std=0.5, seed=3)
    both = np.stack((made.import_capacity_kw / 5000.0, made.export_capacity_kw / 4000.0))
    assert both.min() == 0.0  # one in 44 draws is below -2
    assert np.median(both, axis=1) == pytest.approx([1.0, 1.0], abs=0.02)
    above = both[both > 1.0] - 1.0
    assert np.sqrt((above**2).mean()) == pytest.approx(0.5, abs=0.01)
    assert abs(np.corrcoef(both)[0, 1]) < 0.03


def test_a_seed_decides_and_a_longer_draw_has_the_same_shape() -> None:
    one, same, other = (GridCapacity.generate(seed=seed) for seed in (1, 1, 2))
    assert one.import_capacity_kw.tobytes() == same.import_capacity_kw.tobytes()
    assert one.import_capacity_kw.tobytes() != other.import_capacity_kw.tobytes()


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        ({"steps": 0}, "steps: must be from 1 to 10000000 (got 0)"),
        ({"base_import_kw": -1.0}, "base_import_kw: must be from 0 to 1e+09 (got -1)"),
        ({"base_export_kw": float("inf")}, "base_export_kw: must be from 0 to 1e+09 (got inf)"),
        ({"peak_reduction": 1.5}, "peak_reduction: must be from 0 to 1 (got 1.5)"),
        ({"noise_std": float("nan")}, "noise_std: must be from 0 to 10 (got nan)"),
        ({"seed": -1}, "seed: must be at least 0 (got -1)"),
        ({"step_minutes": 20}, "step_minutes: must be 15 or 30 or 60 (got 20)"),
    ],
)
def test_a_figure_of_the_shape_outside_its_bounds_is_refused(
    figure: dict[str, float], says: str
) -> None:
    with pytest.raises(InputError) as refusal:
        GridCapacity.generate(**figure)  # type: ignore[arg-type]
    assert str(refusal.value) == says


def test_beyond_the_last_step_its_day_repeats() -> None:
    known = GridCapacity(np.arange(7.0), 10.0 * np.arange(7.0))
    assert known.over(3, 4).import_capacity_kw.tolist() == [0, 1, 2]
    assert known.over(13, 4).import_capacity_kw.tolist() == [*range(7), 3, 4, 5, 6, 3, 4]
    assert known.over(9, 4).export_capacity_kw[-2:].tolist() == [30.0, 40.0]
    short = GridCapacity(np.array([5.0, 6.0]), np.zeros(2))
    assert short.over(5, 48).import_capacity_kw.tolist() == [5, 6, 5, 6, 5]
