"""What the commands `batch` and `resume` do: plan, show or make the runs, say what came of them."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from model.checks import LawError
from profiles.errors import InputError
from scenarios import batch, batch_folder, clusters, compare, engines, estimate, job, session, store
from scenarios.batch import Ended
from scenarios.engines import Engine
from scenarios.failures import told
from scenarios.plan import Plan, plan
from scenarios.progress import Reporter
from scenarios.sweep_source import Typed

DONE, PARTLY = 0, 3
"""Exit codes: every run is whole; some failed."""

_ROWS_SHOWN = 3  # first runs of a plan, and as many last ones


@dataclass(frozen=True, slots=True)
class Means:
    """With what runs are made; it changes no result."""

    engine: str = "processes"  # or dask
    address: str | None = None  # of a cluster
    workers: int | None = None  # processes; one for each core if None
    quiet: bool = False

    def check(self) -> None:
        """Refuse means that do not go together (`InputError`)."""
        if self.engine not in ("processes", "dask"):
            raise InputError(f"--engine: must be processes or dask (got {self.engine!r})")
        if self.engine == "dask" and self.address is None:
            raise InputError("--engine dask: needs --address, as in --address tcp://10.0.0.1:8786")
        if self.engine != "dask" and self.address is not None:
            raise InputError("--address: goes with --engine dask (it is processes)")
        if self.engine == "dask" and self.workers is not None:
            raise InputError("--workers: goes with --engine processes, a cluster has its own")

    @property
    def processes_count(self) -> int:
        """How many make runs: processes of this machine, or workers of the cluster."""
        if self.address is not None:
            return clusters.processes_count(self.address)
        return self.workers or compare.cores_count()


def planned(typed: Typed, means: Means, *, as_json: bool = False) -> str:
    """Plan a batch, and say what it would run, for how long, and how much it would write.

    Parameters
    ----------
    typed : Typed
        Which batch.
    means : Means
        With what it would be run.
    as_json : bool
        As one JSON object.
    """
    means.check()
    processes_count = means.processes_count
    found = _plan(typed, means)
    with Reporter(means.quiet) as progress:
        guess = estimate.estimate(found.runs, processes_count, progress)
    if as_json:
        runs = [json.loads(run.model_dump_json(exclude={"job"})) for run in found.runs]
        return json.dumps({"runs": runs, "estimate": guess.told()})
    return "\n".join([*_rows(found), "", guess.text()])


def run(typed: Typed, out: Path, means: Means, *, as_json: bool = False) -> tuple[str, int]:
    """Plan a batch and make its runs.

    Parameters
    ----------
    typed, means, as_json
        As of `planned`.
    out : Path
        Parent of the new folder.

    Returns
    -------
    told : str
        What came of it.
    code : int
        `DONE` or `PARTLY`.

    Raises
    ------
    InputError
        Before anything is written, if a run cannot be made.
    StoppedError
        If it was interrupted or the disk is full.
    """
    means.check()
    store.check_writable(out)
    found = _plan(typed, means)
    with _engine(means, len(found.runs)) as engine, Reporter(means.quiet) as progress:
        ended = batch.begin(found, out, engine, progress)
    return _told(ended, as_json)


def resume(folder: Path, means: Means, *, as_json: bool = False) -> tuple[str, int]:
    """Go on with a batch, or with what is not finished below a folder of results; as of `run`."""
    means.check()
    if not batch_folder.is_batch(folder):
        begun = batch_folder.unfinished(folder)
        if len(begun) != 1 or job.unfinished(folder):
            return _proceeded(folder, begun, means, as_json=as_json)
        (folder,) = begun
    runs_count = len(batch_folder.read(folder).runs)
    with _engine(means, runs_count) as engine, Reporter(means.quiet) as progress:
        ended = batch.go_on(folder, engine, progress, lambda line: _tell([line]))
    return _told(ended, as_json)


def _proceeded(folder: Path, begun: list[Path], means: Means, *, as_json: bool) -> tuple[str, int]:
    """Go on with single runs; one that cannot be continued does not stop the others.

    Of batches that were begun beside them it is said how to go on.
    """
    drafts = job.unfinished(folder)
    if not drafts and begun:
        limit = f"holds {len(begun)} batches that are not finished"
        raise InputError(f"{folder}: {limit}; go on with one: commonwatt resume {begun[0]}")
    if not drafts:
        raise InputError(f"{folder}: must be that of a batch, or hold a run that can be continued")
    own = session.Means(means.workers, means.quiet)
    folders: list[str] = []
    refused: list[str] = []
    for draft in drafts:
        try:
            folders.append(str(session.go_on(draft, own)[1]))
        except (InputError, LawError) as error:
            if len(drafts) == 1:
                raise
            refused.append(told(error)[1])
    _tell([*refused, *(f"{each}: go on with: commonwatt resume {each}" for each in begun)])
    code = PARTLY if refused else DONE
    if as_json:
        return json.dumps({"result_folders": folders, "failures": refused}), code
    return "\n".join(f"result_folder: {each}" for each in folders), code


def _tell(lines: Sequence[str]) -> None:
    sys.stderr.writelines(f"{line}\n" for line in lines)


def _plan(typed: Typed, means: Means) -> Plan:
    with Reporter(means.quiet, "runs") as progress:
        return plan(typed, progress)


@contextmanager
def _engine(means: Means, runs_count: int) -> Iterator[Engine]:
    if means.engine == "dask":
        assert means.address is not None  # noqa: S101, checked
        with clusters.dask(means.address) as engine:
            yield engine
    else:
        yield engines.processes(min(means.processes_count, runs_count))


def _told(ended: Ended, as_json: bool) -> tuple[str, int]:
    """Say what came of a batch; a line on stderr for each run that failed."""
    for failure in ended.failures:
        sys.stderr.write(f"run {failure.number} ({failure.label}): {failure.problem}\n")
    code = PARTLY if ended.failures else DONE
    if as_json:
        counts = {"runs_count": ended.runs_count, "done_count": ended.done_count}
        failures = [failure.model_dump(mode="json") for failure in ended.failures]
        found = {"batch_folder": str(ended.folder), **counts, "failures": failures}
        return json.dumps(found), code
    again = f"\ntry again: commonwatt resume {ended.folder}" if ended.failures else ""
    told = f"{ended.done_count} of {ended.runs_count} runs done{again}"
    return f"{told}\nbatch_folder: {ended.folder}", code


def _rows(found: Plan) -> list[str]:
    """Show the first and the last runs of a plan."""
    runs = found.runs
    knobs = list(dict.fromkeys(knob for run in runs for knob in run.varied))
    lines = [f"{len(runs)} runs; what varies: {', '.join(knobs) or 'the seed'}"]
    width = len(str(len(runs)))
    shown = [f"{run.number:>{width}}  seed {run.seed}  {run.label}" for run in runs]
    if len(shown) > 2 * _ROWS_SHOWN + 1:
        shown[_ROWS_SHOWN:-_ROWS_SHOWN] = [f"{'...':>{width}}"]
    return [*lines, *shown]
