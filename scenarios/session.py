"""What a command does that runs a scenario: load it, carry it out, say how to go on with it."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from profiles.strict_yaml import Value
from profiles.whole_files import InUseError
from scenarios import drafts, failures, job, load, store, stored
from scenarios.compare import Progress
from scenarios.failures import StoppedError
from scenarios.job import EVERY_S, Job
from scenarios.progress import Reporter
from scenarios.summary import Summary
from scenarios.workers import WorkerError

Typed = tuple[str, Sequence[str], Mapping[str, Value], Sequence[str]]
"""A name or path, settings, options and overrides, as `scenarios.load.load` takes them."""

_INTERRUPTED, _FAILED = 130, 1  # exit codes


@dataclass(frozen=True, slots=True)
class Means:
    """With what a run is carried out; it changes no result."""

    workers: int | None = None
    """Cores to be used; as many as pay if None."""

    quiet: bool = False
    """Whether no progress is shown."""

    checkpoint_every_s: float = EVERY_S
    """As in `job.execute`."""


def run(
    typed: Typed, asked: Callable[..., Job], out: Path, means: Means | None = None
) -> tuple[Summary, Path]:
    """Load a scenario, run it and store it.

    Parameters
    ----------
    typed : tuple
        Says which scenario.
    asked : callable
        Given it as ``scenario``, says what of it is run.
    out : Path
        Parent of the new folder of results.
    means : Means, optional
        With what.

    Returns
    -------
    figures : Summary
        What it tells.
    folder : Path
        Where it is stored, "sim_YYYYMMDD_HHMMSS", with "-2" and so on if there is one already.

    Raises
    ------
    InputError
        Before anything is computed, if what was typed cannot be run or stored.
    StoppedError
        If it is ended from outside and can be continued.
    """
    means = means or Means()
    with Reporter(means.quiet, "homes") as progress:
        loaded, profiles = load.with_profiles(*typed, told=partial(progress, "generated"))
    store.check_writable(out)
    wanted = asked(scenario=loaded)
    name = f"sim_{datetime.now(UTC).astimezone():%Y%m%d_%H%M%S}"
    for folder in drafts.free(out, name):
        carry_out = partial(
            job.execute,
            wanted,
            folder,
            workers=means.workers,
            checkpoint_every_s=means.checkpoint_every_s,
            profiles=profiles,
        )
        try:
            return _seen_through(carry_out, drafts.draft_of(folder), out, quiet=means.quiet)
        except InUseError:  # by a run that began in the same second
            continue
    raise AssertionError("counting has no end")


def go_on(draft: Path, means: Means | None = None) -> tuple[Summary, Path]:
    """Go on with a run that was ended early.

    Parameters
    ----------
    draft : Path
        One of `job.unfinished`.
    means : Means, optional
        With what.

    Returns
    -------
    figures : Summary
        What it tells.
    folder : Path
        Where it is stored: where it was to be from the start.

    Raises
    ------
    InputError
        If the program, or what the run is lived on, has changed since.
    StoppedError
        If it is ended from outside once more.
    """
    means = means or Means()
    every_s = means.checkpoint_every_s
    carry_out = partial(job.proceed, draft, workers=means.workers, checkpoint_every_s=every_s)
    return _seen_through(carry_out, draft, drafts.folder_of(draft), quiet=means.quiet)


def _seen_through(
    carry_out: Callable[[Progress], Path], draft: Path, place: Path, *, quiet: bool
) -> tuple[Summary, Path]:
    """Carry a run out; where it is ended from outside, say how far it is and how to go on."""
    total = 0
    try:
        with Reporter(quiet) as reporter:

            def told(work: str, done: int, steps_count: int) -> None:
                nonlocal total
                total = steps_count
                reporter(work, done, steps_count)

            folder = carry_out(told)
    except (KeyboardInterrupt, OSError, MemoryError, WorkerError) as error:
        if not drafts.is_draft(draft):
            raise
        how = f"go on with: commonwatt resume {shlex.quote(str(place))}"
        if isinstance(error, KeyboardInterrupt):
            kept_count = drafts.steps_kept(draft)
            # Nobody has said how many there are before the first step.
            done = f"{kept_count} of {total} steps" if total else f"{kept_count} steps"
            raise StoppedError(f"interrupted after {done}; {how}", _INTERRUPTED) from None
        raise StoppedError(f"{failures.told(error)[1]}; {how}", _FAILED) from error
    return stored.summary(folder), folder
