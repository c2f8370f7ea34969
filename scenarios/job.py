"""One run as it is handed around: what is run, and the folder that it leaves behind."""

import shutil
from pathlib import Path

from profiles.config import Section
from scenarios import compare, store
from scenarios.compare import Means, Progress
from scenarios.schema import Scenario

_JOB, _SUFFIX = "job.json", ".unfinished"


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
    hidden = folder.with_name(f".{folder.name}{_SUFFIX}")
    shutil.rmtree(hidden, ignore_errors=True)
    hidden.mkdir(parents=True)
    (hidden / _JOB).write_text(job.model_dump_json(), encoding="utf-8")
    drafted = store.Draft(folder.parent, folder.name, hidden)
    means = Means(drafted.parts, workers)
    try:
        lived = (
            compare.simulate(job.scenario, told, means)
            if job.simulate
            else compare.compare(job.scenario, job.arms, told, means)
        )
        (hidden / _JOB).unlink()
        return store.publish(drafted, lived, csv=job.csv)
    except Exception:
        shutil.rmtree(hidden, ignore_errors=True)
        raise


def unfinished(folder: Path) -> list[Path]:
    """List the drafts below a folder of results that can be continued; a draft lists itself."""
    found = [folder] if (folder / _JOB).exists() else sorted(folder.glob(f".*{_SUFFIX}"))
    return [draft for draft in found if (draft / _JOB).exists()]


def proceed(draft: Path, told: Progress | None = None, *, workers: int | None = None) -> Path:
    """Go on with a draft, and return the folder of its results."""
    job = Job.model_validate_json((draft / _JOB).read_bytes())
    name = draft.name.removeprefix(".").removesuffix(_SUFFIX)
    return execute(job, draft.with_name(name), told, workers=workers)
