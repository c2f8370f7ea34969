"""The folder of results: whole or not there, the same bytes each time."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from agents.config import HomesConfig
from market import ledger
from profiles.errors import InputError
from profiles.grid_capacity import GridCapacity
from scenarios import charts, csv_folder, store, tables
from scenarios.arms import ARMS
from scenarios.compare import Comparison, Means, compare, simulate
from scenarios.load import load
from scenarios.schema import Scenario
from scenarios.summary import Summary

NOON = datetime(2017, 7, 1, 12, 30, 5, tzinfo=UTC)
FILES = [
    "DONE",
    "arms.svg",
    "baseline_results.csv",
    "ledger.bin",
    "manifest.json",
    "optimized_results.csv",
    "params.json",
    "prices.parquet",
    "steps.parquet",
    "summary.json",
    "trades.parquet",
]


@pytest.fixture
def folder(tmp_path: Path, comparison: Comparison) -> Path:
    """Store the small comparison."""
    return store.save(comparison, tmp_path / "out", now=NOON)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_folder_is_named_by_the_time_and_never_taken_twice(
    folder: Path, comparison: Comparison
) -> None:
    assert folder.name == "sim_20170701_123005"
    second = store.save(comparison, folder.parent, now=NOON)
    third = store.save(comparison, folder.parent, now=NOON)
    assert (second.name, third.name) == ("sim_20170701_123005-2", "sim_20170701_123005-3")
    assert _contents(second) == _contents(folder)
    assert sorted(path.name for path in folder.parent.iterdir()) == [
        path.name for path in (folder, second, third)
    ]


def test_a_folder_holds_every_file(folder: Path) -> None:
    assert list(_contents(folder)) == FILES
    assert store.verify(folder) == []


def test_the_parameters_are_a_scenario_themselves(folder: Path, small: Scenario) -> None:
    assert load(str(folder / "params.json")) == small


def test_the_summary_is_what_its_schema_says(folder: Path) -> None:
    figures = Summary.model_validate_json((folder / "summary.json").read_bytes())
    assert list(figures.arms) == list(ARMS)


def test_the_ledger_is_that_of_the_market(folder: Path, comparison: Comparison) -> None:
    head = json.loads((folder / "manifest.json").read_bytes())["ledger_heads"]["market"]
    found = ledger.verify((folder / "ledger.bin").read_bytes(), head)
    assert found.ok
    assert found.blocks_count == 48
    assert head == comparison.arms["market"].ledger_head


def test_the_same_scenario_gives_the_same_bytes(folder: Path, small: Scenario) -> None:
    homes = small.homes.model_dump() | {"without_pv": (10, 9, 8, 4)}  # another order
    again = small.model_copy(update={"homes": HomesConfig.model_validate(homes)})
    again = Scenario.model_validate(again.model_dump())
    other = store.save(compare(again), folder.parent)
    assert _contents(other) == _contents(folder)


def test_another_seed_gives_other_bytes(folder: Path, small: Scenario) -> None:
    other = store.save(compare(small.model_copy(update={"seed": 1})), folder.parent)
    same = {
        name for name, content in _contents(other).items() if _contents(folder)[name] == content
    }
    # Nothing is drawn there; who is paired with whom costs the community nothing.
    assert same <= {"arms.svg", "baseline_results.csv", "prices.parquet"}


def test_a_simulation_stores_the_arm_that_ran(tmp_path: Path, small: Scenario) -> None:
    folder = store.save(simulate(small), tmp_path)
    assert list(_contents(folder)) == [name for name in FILES if name != "baseline_results.csv"]
    assert store.verify(folder) == []


def test_a_capped_run_stores_its_caps_and_names_their_file(tmp_path: Path) -> None:
    made = GridCapacity.generate(90, 9.0, 4.0)
    made.save(tmp_path / "mine.csv")
    knobs = ["homes.count=2", "run.days=1", f"grid.capacity_path={tmp_path / 'mine.csv'}"]
    run = compare(load("fontana", knobs), ["grid_only", "self_use"])
    folder = store.save(run, tmp_path)
    assert store.verify(folder) == []
    found = GridCapacity.from_file(folder / "grid_capacity.csv")
    assert found.import_capacity_kw.tolist() == made.import_capacity_kw[:48].tolist()
    assert found.export_capacity_kw.tolist() == made.export_capacity_kw[:48].tolist()
    read = csv_folder.read(folder).grid_capacity
    assert read is not None
    assert read["import_capacity_kw"].tolist() == found.import_capacity_kw.tolist()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert "grid.capacity_path: mine.csv" in manifest["inputs"]
    assert "grid_capacity.csv" in manifest["outputs"]
    (folder / "grid_capacity.csv").write_text("", encoding="utf-8")
    assert store.verify(folder) == ["grid_capacity.csv: differs from what was written"]


def test_arms_that_were_not_run_have_no_file(tmp_path: Path, small: Scenario) -> None:
    folder = store.save(compare(small, ["self_use"]), tmp_path)
    assert "optimized_results.csv" not in _contents(folder)
    assert "baseline_results.csv" in _contents(folder)
    assert store.verify(folder) == []


def test_long_runs_leave_the_csv_files_out_unless_they_are_asked_for(
    tmp_path: Path, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "CSV_HOME_STEPS_MAX", 48 * 4 - 1)
    without = store.save(comparison, tmp_path)
    assert not list(without.glob("*.csv"))
    assert len(list(store.save(comparison, tmp_path, csv=True).glob("*.csv"))) == 2
    monkeypatch.setattr(store, "CSV_HOME_STEPS_MAX", 48 * 4)
    assert len(list(store.save(comparison, tmp_path).glob("*.csv"))) == 2


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_halfway_leaves_no_folder(
    tmp_path: Path,
    comparison: Comparison,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(tables, "write_prices", fail)
    with pytest.raises(type(error)), store.draft(tmp_path) as draft:
        store.write(draft.hidden, comparison)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("live", [compare, simulate])
def test_streamed_arms_leave_the_same_bytes_as_those_held_in_memory(
    live: Callable[..., Comparison], small: Scenario, tmp_path: Path
) -> None:
    streamed, held = tmp_path / "streamed", tmp_path / "held"
    store.write(streamed, live(small, means=Means(tmp_path / "parts")))
    store.write(held, live(small))
    assert _contents(streamed) == _contents(held)
    assert store.verify(streamed) == []


def test_a_draft_is_nowhere_until_something_is_put_into_it(tmp_path: Path) -> None:
    with store.draft(tmp_path / "deep" / "out"):
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_draft_that_is_not_published_takes_away_what_it_made_and_nothing_else(
    tmp_path: Path,
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("", encoding="utf-8")

    def stop(draft: store.Draft) -> None:
        draft.hidden.mkdir(parents=True)
        (draft.hidden / "steps.parquet").write_bytes(b"half")
        raise RuntimeError("lived no longer")

    for out in (tmp_path / "out", tmp_path / "new" / "deep"):
        with pytest.raises(RuntimeError, match="lived no longer"), store.draft(out) as draft:
            stop(draft)
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == [
        "out", "out/mine",
    ]  # fmt: skip


def test_the_picture_is_that_of_the_summary(folder: Path) -> None:
    figures = Summary.model_validate_json((folder / "summary.json").read_bytes())
    drawn = charts.picture({charts.title(figures): figures})
    assert (folder / "arms.svg").read_text(encoding="utf-8") == drawn


def test_a_folder_that_does_not_exist_yet_is_writable(tmp_path: Path) -> None:
    store.check_writable(tmp_path / "a" / "b")
    store.check_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_runs_of_one_second_share_nothing(tmp_path: Path, comparison: Comparison) -> None:
    both_draft = Barrier(2)

    def save(_: int) -> Path:
        with store.draft(tmp_path, NOON) as draft:
            both_draft.wait(10.0)
            store.write(draft.hidden, comparison)
            return store.published(draft)

    with ThreadPoolExecutor(2) as pool:
        folders = [*pool.map(save, range(2))]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "sim_20170701_123005", "sim_20170701_123005-2",
    ]  # fmt: skip
    assert [store.verify(folder) for folder in folders] == [[], []]


def test_a_disk_that_is_full_is_told_in_a_line_and_leaves_nothing(
    tmp_path: Path, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables, "write_steps_and_trades", full)
    with pytest.raises(InputError) as refusal:
        store.save(comparison, tmp_path / "out")
    assert str(refusal.value) == (
        f"--out {tmp_path / 'out'}: cannot be written (No space left on device)"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_of_the_results_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for out in (tmp_path / "file", tmp_path / "file" / "deep" / "out", tmp_path / ("a" * 999)):
        with pytest.raises(InputError) as refusal:
            store.check_writable(out)
        assert str(refusal.value).startswith(f"--out {out}: ")


def test_a_folder_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.mkdir", refuse)  # permissions do not bind root
    with pytest.raises(InputError, match=r"must be writable"):
        store.check_writable(tmp_path / "out")
