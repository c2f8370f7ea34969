"""One run as it is handed around: what is run, and the folder that it leaves behind."""

import shutil
from pathlib import Path

from profiles.config import Section
from scenarios import compare, store
from scenarios.compare import Means, Progress
from scenarios.schema import Scenario


class Job(Section):
    """What is run. It can be written as JSON and sent to another process."""

    scenario: Scenario
    """Complete, with every default."""

    arms: tuple[str, ...] | None = None
    """Arms and bounds; null for all that the scenario can run."""

    simulate: bool = False
    """Whether the scenario's own strategy is run instead of arms."""

    csv: bool = False
    """Whether the CSV files are written however long they are."""


def execute(
    job: Job,
    folder: Path,
    told: Progress | None = None,
    *,
    workers: int | None = 1,
    checkpoint_every_s: float = 30.0,  # noqa: ARG001, runs are lived in one go
) -> Path:
    """Run a job into a folder; one that is whole is returned at once.

    Parameters
    ----------
    job : Job
        What is run.
    folder : Path
        Where the results go. Until they are whole, all lies in a hidden folder beside it.
    told : callable, optional
        As in `compare.compare`.
    workers : int, optional
        Cores to be used; as many as pay if None.
    checkpoint_every_s : float
        How often the state is kept [s].
    """
    if (folder / "DONE").exists():
        return folder
    hidden = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(hidden, ignore_errors=True)
    drafted = store.Draft(folder.parent, folder.name, hidden)
    means = Means(drafted.parts, workers)
    try:
        lived = (
            compare.simulate(job.scenario, told, means)
            if job.simulate
            else compare.compare(job.scenario, job.arms, told, means)
        )
        return store.publish(drafted, lived, csv=job.csv)
    except Exception:
        shutil.rmtree(hidden, ignore_errors=True)
        raise
