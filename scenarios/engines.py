"""On what the runs of a batch are made: processes of this machine, or workers of a cluster.

Either way it is the same `Making` that makes a run, and what comes of it hangs on the run alone.
"""

import errno
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scenarios import batch_folder, job, kept, workers
from scenarios.batch_folder import Planned
from scenarios.failures import told

Outcomes = Iterator[tuple[Planned, "Made | Exception"]]
Engine = Callable[["Making", Sequence[Planned], Callable[[Planned, int], None]], Outcomes]
"""Makes runs; told how many steps of a run are done. Hands over what came of each, in any order."""

# What stops a whole batch: no other run could write either.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a run."""

    problem: str = ""  # in one line; empty if it is whole
    stops: bool = False  # whether the others would fail alike


@dataclass(frozen=True, slots=True)
class Making:
    """Makes the runs of a batch; it can be handed to another process, which keeps its shelf."""

    folder: Path
    shelf: kept.Shelf = field(default_factory=kept.Shelf)

    def __call__(self, run: Planned, progress: Callable[[int], None]) -> Made:
        """Make a run into its folder; ``progress`` is told how many steps are done."""
        target = batch_folder.run_folder(self.folder, run)
        try:
            with batch_folder.at_a_run(self.folder), kept.keeping(self.shelf):
                job.execute(run.job, target, lambda _, done, __: progress(done), workers=1)
        except BrokenPipeError:  # whoever asked for the run is gone
            raise
        except Exception as error:  # noqa: BLE001, one run that fails does not stop the others
            return Made(told(error)[1], stops=_is_full(error))
        return Made()


def processes(count: int) -> Engine:
    """Let so many processes make runs; with 1 they are made here, one after the other."""

    def make(
        making: Making, runs: Sequence[Planned], progress: Callable[[Planned, int], None]
    ) -> Outcomes:
        return workers.outcomes(making, runs, count, progress)

    return make


def _is_full(error: BaseException | None) -> bool:
    """Whether a disk that takes no more is behind an error."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
