"""Folders of plain files, by hand and by the program."""

import shutil
from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios import csv_folder, store
from scenarios.compare import Comparison
from scenarios.load import load

BY_HAND = Path(__file__).parents[1] / "data" / "hand_written_results"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of the folder, to tamper with."""
    return Path(shutil.copytree(BY_HAND, tmp_path / "run"))


def _refused(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        csv_folder.read(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(folder))


def test_a_folder_written_by_hand_is_read_whole() -> None:
    found = csv_folder.read(BY_HAND)
    assert found.baseline is not None
    assert found.optimized is not None
    assert found.baseline.figures().grid_buy_kwh == 3.0
    assert found.optimized.figures().grid_buy_kwh == pytest.approx(2.145)
    assert found.baseline.figures().trades_count == 0
    assert found.params == {
        "max_households": 2,
        "initial_wallet": 10.0,
        "note": "written by hand",
    }
    assert found.grid_capacity is not None
    assert {name: column.tolist() for name, column in found.grid_capacity.items()} == {
        "timestep": [0, 1, 2, 3],
        "import_capacity_kw": [5000.0, 2.5, 5.0, 1.0],
        "export_capacity_kw": [4000.5, 0.0, 4.0, 1.0],
    }


@pytest.mark.parametrize("gone", ["baseline_results.csv", "optimized_results.csv"])
def test_one_table_is_enough(copied: Path, gone: str) -> None:
    for name in (gone, "grid_capacity.csv", "params.json"):
        (copied / name).unlink()
    found = csv_folder.read(copied)
    assert (found.baseline is None) == (gone == "baseline_results.csv")
    assert (found.optimized is None) == (gone == "optimized_results.csv")
    assert found.grid_capacity is None
    assert found.params is None


def test_a_folder_of_this_program_is_read_back(tmp_path: Path, comparison: Comparison) -> None:
    folder = store.save(comparison, tmp_path)
    found = csv_folder.read(folder)
    assert found.baseline is not None
    assert found.optimized is not None
    trades_count = comparison.arms["market"].trades["step"].size
    assert found.optimized.figures().trades_count == trades_count > 0
    assert found.baseline.figures().trades_count == 0
    assert found.params == comparison.scenario.model_dump(mode="json")
    assert load(str(folder / "params.json")) == comparison.scenario


def test_neither_table_is_refused(tmp_path: Path) -> None:
    limit = "must hold baseline_results.csv or optimized_results.csv"
    assert _refused(tmp_path) == f": {limit} (got neither)"
    assert _refused(tmp_path / "none") == f": {limit} (got no folder)"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "baseline_results.csv", ",8,", ",9,",
            "/optimized_results.csv: household_id: must be those of baseline_results.csv (it has",
        ),
        (
            "baseline_results.csv", "\n2,", "\n3,",
            "/baseline_results.csv:6: step: must follow 1 without a gap (got '3')",
        ),
        (
            "grid_capacity.csv", "2,5,4\n", "",
            "/grid_capacity.csv:4: timestep: must follow 1 without a gap (got '3')",
        ),
        (
            "grid_capacity.csv", "3,1,1\n", "1,1,1\n",
            "/grid_capacity.csv:5: timestep: must stand once (got '1')",
        ),
        (
            "grid_capacity.csv", "0,5000,4000.5\n", "",
            "/grid_capacity.csv: timestep: must reach 0 (ends at 1)",
        ),
        (
            "grid_capacity.csv", "2.5", "-2.5",
            "/grid_capacity.csv:4: import_capacity_kw: must be at least 0 (got '-2.5')",
        ),
        (
            "grid_capacity.csv", "timestep", "step",
            "/grid_capacity.csv: timestep: is missing from the header",
        ),
        ("params.json", "{", "", "/params.json:1: "),
        ("params.json", "10.0", "NaN", "/params.json:1: must be a finite number"),
    ],
)  # fmt: skip
def test_files_that_do_not_fit_are_refused_in_one_line(
    copied: Path, name: str, old: str, new: str, message: str
) -> None:
    path = copied / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert _refused(copied).startswith(message)


def test_tables_of_other_steps_do_not_belong_together(copied: Path) -> None:
    path = copied / "baseline_results.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:5]), encoding="utf-8")
    assert _refused(copied) == (
        "/optimized_results.csv: step: must be those of baseline_results.csv (it has 2)"
    )
    (copied / "grid_capacity.csv").write_text(
        "timestep,import_capacity_kw,export_capacity_kw\n0,1,1\n", encoding="utf-8"
    )
    path.unlink()
    assert _refused(copied) == "/grid_capacity.csv: timestep: must reach 2 (ends at 0)"
