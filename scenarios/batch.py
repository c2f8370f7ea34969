"""Makes the runs of a batch that are not whole yet, and says what came of them."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from scenarios import batch_folder, batch_table, store
from scenarios.batch_folder import Batch, Failure, Planned
from scenarios.engines import Engine, Made, Making
from scenarios.failures import StoppedError, told
from scenarios.plan import Plan
from scenarios.workers import WorkerError

INTERRUPTED, FULL = 130, 1  # exit codes
ASIDE = "damaged"
"""Where in a batch runs are put that were damaged."""

Progress = Callable[[str, int, int], None]
"""Told how many runs are over, in words, how many steps are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a batch."""

    folder: Path
    runs_count: int
    failures: tuple[Failure, ...]

    @property
    def done_count(self) -> int:
        """Number of runs that are whole."""
        return self.runs_count - len(self.failures)


def begin(plan: Plan, out: Path, engine: Engine, progress: Progress) -> Ended:
    """Make the folder of a batch, and all its runs.

    Parameters
    ----------
    plan : Plan
        What is run.
    out : Path
        Parent of the new folder.
    engine : Engine
        On what the runs are made.
    progress : callable
        Called now and then.

    Raises
    ------
    InputError
        If nothing can be written below ``out``.
    StoppedError
        As of `go_on`.
    """
    return go_on(batch_folder.created(plan.typed, plan.runs, out), engine, progress)


def go_on(
    folder: Path,
    engine: Engine,
    progress: Progress,
    tell: Callable[[str], None] = lambda _: None,
) -> Ended:
    """Make those runs of a batch that are not whole; those that failed are tried again.

    What the others wrote is checked. A run that holds something else by now is put aside and made
    again.

    Parameters
    ----------
    folder : Path
        Of the batch.
    engine, progress
        As of `begin`.
    tell : callable
        Told in a line of each run that was damaged.

    Raises
    ------
    InputError
        If it is no batch that this program can go on with, or somebody else is at work in it.
    StoppedError
        If somebody interrupts it, or the disk is full. What is finished is kept.
    """
    batch = batch_folder.read(folder)
    if batch_folder.is_finished(folder, batch) and not _damaged(folder, batch):
        return Ended(folder, len(batch.runs), ())
    batch_folder.check_versions(folder, batch)
    with batch_folder.at_work(folder):
        for run, problem in _damaged(folder, batch):
            tell(_put_aside(folder, run, problem))
        left = [run for run in batch.runs if batch_folder.result_hash(folder, run) is None]
        counted = _Count(len(batch.runs), left, progress)
        try:
            if left:
                _make(folder, left, engine, counted)
            batch_table.write(folder, batch)
            batch_folder.finish(folder, batch)
        except KeyboardInterrupt:
            raise _stopped("interrupted", folder, batch, INTERRUPTED) from None
        except (OSError, _FullError) as error:
            why = str(error) if isinstance(error, _FullError) else told(error)[1]
            raise _stopped(why, folder, batch, FULL) from None
        return Ended(folder, len(batch.runs), _failures(folder, batch))


def _damaged(folder: Path, batch: Batch) -> list[tuple[Planned, str]]:
    """Find the runs whose folders are not what was written, and what is wrong with each."""
    found = []
    for run in batch.runs:
        place = batch_folder.run_folder(folder, run)
        if place.is_dir():  # or a link to one, which may lie on another disk
            found += [(run, problem) for problem in store.verify(place)[:1]]
        elif os.path.lexists(place):
            found.append((run, "is no folder"))
    return found


def _put_aside(folder: Path, run: Planned, problem: str) -> str:
    """Move what is there of a run out of the way; nobody's file is deleted. Return a line on it."""
    (folder / "DONE").unlink(missing_ok=True)  # first: it says that all runs are whole
    aside = folder / ASIDE
    aside.mkdir(exist_ok=True)
    names = (run.name if number == 1 else f"{run.name}-{number}" for number in count(1))
    free = next(aside / name for name in names if not os.path.lexists(aside / name))
    batch_folder.run_folder(folder, run).rename(free)
    told = f"run {run.number} ({run.label}): {problem}"
    return f"{told}; it is made again, what was there is in {ASIDE}/{free.name}"


class _FullError(RuntimeError):
    """A run could not be written, and no other could."""


class _Count:
    """Counts the steps of all runs that are left."""

    def __init__(self, runs_count: int, left: list[Planned], progress: Progress) -> None:
        self.runs_count, self.progress = runs_count, progress
        self.over_count = runs_count - len(left)
        self.total = sum(run.steps_count for run in left)
        self.steps = {run.number: 0 for run in left}
        self.done = 0

    def step(self, run: Planned, steps_count: int) -> None:
        """Take down how many steps of a run are done."""
        self.done += steps_count - self.steps[run.number]
        self.steps[run.number] = steps_count
        self.progress(f"{self.over_count} of {self.runs_count} runs over", self.done, self.total)

    def over(self, run: Planned) -> None:
        """Take down that a run is over, whatever came of it."""
        self.over_count += 1
        self.step(run, run.steps_count)


def _make(folder: Path, left: list[Planned], engine: Engine, counted: _Count) -> None:
    for run in left:
        batch_folder.forgive(folder, run)
    for run, found in engine(Making(folder), left, counted.step):
        lost = str(found) if isinstance(found, WorkerError) else ""
        made = found if isinstance(found, Made) else Made(lost or told(found)[1])
        if made.stops:
            raise _FullError(made.problem)
        if made.problem:
            batch_folder.fail(folder, run, made.problem)
        counted.over(run)


def _stopped(why: str, folder: Path, batch: Batch, code: int) -> StoppedError:
    whole = sum(batch_folder.result_hash(folder, run) is not None for run in batch.runs)
    after = f"after {whole} of {len(batch.runs)} runs"
    return StoppedError(f"{why} {after}; go on with: commonwatt resume {folder}", code)


def _failures(folder: Path, batch: Batch) -> tuple[Failure, ...]:
    found = [
        (run, batch_folder.problem(folder, run) or "is not finished")
        for run in batch.runs
        if batch_folder.result_hash(folder, run) is None
    ]
    return tuple(
        Failure(number=run.number, label=run.label, problem=problem) for run, problem in found
    )
