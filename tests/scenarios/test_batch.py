"""All runs of a batch: the same whoever makes them, in whatever order, with breaks or without."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest

from profiles.errors import InputError
from scenarios import batch, batch_folder, engines, job
from scenarios.batch_folder import Planned
from scenarios.engines import Engine, Making, Outcomes
from scenarios.failures import StoppedError
from scenarios.plan import Plan, plan
from scenarios.sweep_source import Typed
from scenarios.workers import WorkerError

ROOT = Path(__file__).parents[2]
OPTIONS = {"--days": 1, "--homes": 2}
LOST = "a process ended by itself (exit code -9)"
GRID = "battery.capacity_kwh=5,10,15,20"


@pytest.fixture(scope="module")
def planned() -> Plan:
    """Plan four runs that take a moment."""
    return plan(Typed("fontana", options=OPTIONS, grid=[GRID], more={"--arms": ["self_use"]}))


@pytest.fixture(scope="module")
def whole(planned: Plan, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Give every file of the batch, made by one process without a break."""
    ended = batch.begin(planned, tmp_path_factory.mktemp("w"), engines.processes(1), _silent)
    assert (ended.done_count, ended.failures) == (4, ())
    return _files(ended.folder)


def _silent(_: str, __: int, ___: int) -> None:
    """Tell nobody."""


def _files(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _backwards(
    making: Making, runs: Sequence[Planned], told: Callable[[Planned, int], None]
) -> Outcomes:
    return engines.processes(1)(making, [*reversed(runs)], told)


@pytest.mark.parametrize("engine", [engines.processes(2), _backwards])
def test_neither_workers_nor_their_order_leave_a_trace(
    engine: Engine, planned: Plan, whole: dict[str, bytes], tmp_path: Path
) -> None:
    ended = batch.begin(planned, tmp_path, engine, _silent)
    assert _files(ended.folder) == whole
    assert batch_folder.verify(ended.folder) == []


def test_a_run_that_fails_does_not_stop_the_others_and_is_tried_again(
    planned: Plan, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = job.execute

    def fail(what: job.Job, folder: Path, *others: object, **more: object) -> Path:
        if folder.name == "00002":
            raise InputError("load.csv:3: must be a number")
        return really(what, folder, *others, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "execute", fail)
    ended = batch.begin(planned, tmp_path, engines.processes(1), _silent)
    (failure,) = ended.failures
    assert (failure.number, failure.problem) == (2, "load.csv:3: must be a number")
    assert ended.done_count == 3
    assert not (ended.folder / "DONE").exists()
    table = (ended.folder / "runs.csv").read_text(encoding="utf-8").splitlines()
    assert ",failed,load.csv:3: must be a number," in table[2]
    monkeypatch.undo()
    told: list[tuple[str, int, int]] = []
    again = batch.go_on(ended.folder, engines.processes(1), lambda *each: told.append(each))
    assert again.failures == ()
    assert told[-1] == ("4 of 4 runs over", 48, 48)  # one run was left
    assert _files(ended.folder) == whole


def test_a_process_that_dies_fails_its_run_alone(planned: Plan, tmp_path: Path) -> None:
    def deadly(
        making: Making, runs: Sequence[Planned], told: Callable[[Planned, int], None]
    ) -> Outcomes:
        yield from engines.processes(1)(making, [*runs[:2], *runs[3:]], told)
        yield runs[2], WorkerError(LOST)

    ended = batch.begin(planned, tmp_path, deadly, _silent)
    (failure,) = ended.failures
    assert (failure.number, failure.problem) == (3, LOST)
    assert ended.done_count == 3


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (OSError(28, "No space left on device"), (1, "results: No space left on device")),
        (KeyboardInterrupt(), (130, "interrupted")),
    ],
)
def test_a_batch_that_stops_says_how_to_go_on_and_does(
    error: BaseException,
    ends: tuple[int, str],
    planned: Plan,
    whole: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    really = job.execute

    def full(what: job.Job, folder: Path, *others: object, **more: object) -> Path:
        if folder.name == "00003":
            raise error
        return really(what, folder, *others, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "execute", full)
    with pytest.raises(StoppedError) as stopped:
        batch.begin(planned, tmp_path, engines.processes(1), _silent)
    (folder,) = tmp_path.iterdir()
    told = f"{ends[1]} after 2 of 4 runs; go on with: commonwatt resume {folder}"
    assert (str(stopped.value), stopped.value.exit_code) == (told, ends[0])
    assert list((folder / "failed").iterdir()) == []
    monkeypatch.undo()
    batch.go_on(folder, engines.processes(1), _silent)
    assert _files(folder) == whole


def test_a_batch_that_is_whole_is_left_as_it_is(planned: Plan, tmp_path: Path) -> None:
    folder = batch.begin(planned, tmp_path, engines.processes(1), _silent).folder
    before = _files(folder)
    told: list[object] = []
    again = batch.go_on(folder, engines.processes(1), lambda *each: told.append(each))
    assert (again.done_count, told, _files(folder)) == (4, [], before)


def _cut(place: Path) -> None:
    path = place / "steps.parquet"
    path.write_bytes(path.read_bytes()[:-1])


def _unmarked(place: Path) -> None:
    (place / "DONE").unlink()


def _replaced(place: Path) -> None:
    place.rename(place.parents[1] / "elsewhere")
    place.write_text("not a folder", encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (_cut, "steps.parquet: differs from what was written"),
        (_unmarked, "DONE: cannot be read (No such file or directory)"),
        (_replaced, "is no folder"),
    ],
)
def test_a_damaged_run_is_told_put_aside_and_made_again(
    damage: Callable[[Path], None],
    problem: str,
    planned: Plan,
    whole: dict[str, bytes],
    tmp_path: Path,
) -> None:
    folder = batch.begin(planned, tmp_path, engines.processes(1), _silent).folder
    place = folder / "runs" / "00002"
    damage(place)
    left = place.read_bytes() if place.is_file() else _files(place)
    told: list[str] = []
    ended = batch.go_on(folder, engines.processes(1), _silent, told.append)
    assert (ended.done_count, ended.failures) == (4, ())
    (line,) = told
    assert line.startswith(f"run 2 (battery.capacity_kwh=10): {problem}")
    assert line.endswith("; it is made again, what was there is in damaged/00002")
    kept = _files(folder)
    assert {name: kept[name] for name in whole} == whole
    aside = folder / "damaged" / "00002"
    found = aside.read_bytes() if aside.is_file() else _files(aside)
    assert found == left, "nothing is deleted"
    assert batch_folder.verify(folder) == []
    _cut(place)
    batch.go_on(folder, engines.processes(1), _silent, told.append)
    assert told[1].endswith("is in damaged/00002-2")


def test_a_run_that_another_program_mends_meanwhile_is_left_where_it_is(
    planned: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = batch.begin(planned, tmp_path, engines.processes(1), _silent).folder
    before = _files(folder)
    _cut(folder / "runs" / "00002")
    alone = batch_folder.at_work

    @contextmanager
    def after_another(place: Path) -> Iterator[None]:
        (place / "runs/00002/steps.parquet").write_bytes(before["runs/00002/steps.parquet"])
        with alone(place):
            yield

    monkeypatch.setattr(batch_folder, "at_work", after_another)
    told: list[str] = []
    batch.go_on(folder, engines.processes(1), _silent, told.append)
    assert (told, _files(folder)) == ([], before)


def test_a_run_that_was_moved_to_another_disk_is_whole_as_long_as_it_is_found(
    planned: Plan, tmp_path: Path
) -> None:
    folder = batch.begin(planned, tmp_path / "out", engines.processes(1), _silent).folder
    place, moved = folder / "runs" / "00002", tmp_path / "moved"
    place.rename(moved)
    place.symlink_to(moved)
    told: list[str] = []
    batch.go_on(folder, engines.processes(1), _silent, told.append)
    assert (told, batch_folder.verify(folder)) == ([], [])
    moved.rename(tmp_path / "gone")
    batch.go_on(folder, engines.processes(1), _silent, told.append)
    assert [line.partition("): ")[2].partition(";")[0] for line in told] == ["is no folder"]
    assert batch_folder.verify(folder) == []


def test_a_batch_that_is_killed_is_gone_on_with_to_the_same_bytes(
    whole: dict[str, bytes], tmp_path: Path
) -> None:
    asked = ["batch", "fontana", "--grid", GRID, "--arms", "self_use", "--days", "1"]
    running = subprocess.Popen(
        [sys.executable, str(ROOT / "run.py"), *asked, "--homes", "2", "--workers", "2", "--quiet"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    while not list(tmp_path.glob("results/batch_*/runs/0*/DONE")):
        assert running.poll() is None
        sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)  # its processes find out by themselves
    running.wait()
    (folder,) = tmp_path.glob("results/batch_*")
    assert not (folder / "DONE").exists()
    batch.go_on(folder, engines.processes(1), _silent)
    assert _files(folder) == whole
