"""A run from start to end: from a scenario to a folder of results, whatever interrupts it.

Until all is written everything lies in a hidden folder beside the one to come: what is run
(`job.json`), what the arms have lived (`parts`), and at last the results, which are renamed once
they are whole. Whoever is ended on the way goes on from the states that were kept (`states.py`),
to the same bytes.
"""

from contextlib import suppress
from pathlib import Path

from profiles import whole_files
from profiles.config import Section
from profiles.errors import InputError
from profiles.profiles import Profiles
from scenarios import compare, drafts, store
from scenarios.compare import Means, Progress
from scenarios.manifest import versions
from scenarios.plain_files import content
from scenarios.schema import Scenario
from scenarios.states import DraftError
from scenarios.workers import WorkerError

EVERY_S = 30.0
"""How often the state of a run is kept [s]."""

_ENDED_FROM_OUTSIDE = (KeyboardInterrupt, OSError, MemoryError, WorkerError)


class Job(Section):
    """A run: it can be written down, and handed to another process."""

    scenario: Scenario
    """What is run, complete."""

    arms: tuple[str, ...] | None = None
    """Arms and bounds; all that the scenario can run if null."""

    simulate: bool = False
    """Whether the scenario's own strategy is run instead of arms."""

    csv: bool = False
    """Whether CSV files are written however long they are."""


class Begun(Section):
    """What stands in the draft of a run first of all."""

    job: Job
    """What is run."""

    versions: dict[str, str]
    """Versions of the program and of the libraries that can change a number."""

    program_sha256: str
    """Hash of the program's own modules."""


def execute(
    job: Job,
    folder: Path,
    told: Progress | None = None,
    *,
    workers: int | None = 1,
    checkpoint_every_s: float = EVERY_S,
    profiles: Profiles | None = None,
) -> Path:
    """Run a job into a folder, or go on where an earlier call was ended.

    Ctrl-C, a full disk and SIGKILL leave a draft to be continued, if there is anything in it that
    would have to be done again. What else ends a run leaves nothing, but for a draft of earlier.

    Parameters
    ----------
    job : Job
        What is run.
    folder : Path
        The folder of results to come; one that is whole is returned at once.
    told : callable, optional
        As in `compare.compare`.
    workers : int, optional
        As in `compare.Means`.
    checkpoint_every_s : float
        How often the state of an arm is kept [s], less often where it would cost too much.
    profiles : Profiles, optional
        What `fit.read_profiles` gives for the scenario; read if None.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    DraftError
        If the draft is that of another run or version, or what it is lived on has changed.
    InputError
        If the scenario does not fit its data, or another program works on it.
    LawError
        If a law is broken.
    OSError
        If something cannot be written.
    """
    draft = drafts.draft_of(folder)
    if (folder / "DONE").is_file():
        drafts.remove(draft)
        return folder
    if folder.exists():
        raise DraftError(f"{folder}: must not be there, or be a whole folder of results")
    new = [path for path in folder.parents if not path.exists()]
    means = Means(drafts.parts(draft), workers, profiles, checkpoint_every_s)
    try:
        with whole_files.alone(draft):
            _carried_out(job, draft, told, means)
            drafts.remove(draft)
    finally:
        for path in new:
            with suppress(OSError):  # as it holds results, or a draft
                path.rmdir()
    return folder


def unfinished(folder: Path) -> list[Path]:
    """List drafts that `proceed` goes on with: those below a folder, its own, or itself."""
    for path in (folder, drafts.draft_of(folder.absolute())):
        if drafts.is_draft(path):
            return [path]
    return [path for path in sorted(folder.glob(".*")) if drafts.is_draft(path)]


def proceed(
    draft: Path,
    told: Progress | None = None,
    *,
    workers: int | None = None,
    checkpoint_every_s: float = EVERY_S,
) -> Path:
    """Go on with a draft; what is raised, and the other parameters, are as in `execute`.

    Returns the finished folder.
    """
    job, folder = _read(draft).job, drafts.folder_of(draft)
    every_s = checkpoint_every_s
    return execute(job, folder, told, workers=workers, checkpoint_every_s=every_s)


def _carried_out(job: Job, draft: Path, told: Progress | None, means: Means) -> None:
    """Do what is left to do, and give the results their name."""
    known = False
    try:
        known = _begin(draft, job)
        results = drafts.results(draft)
        if not (results / "DONE").exists():
            lived = (
                compare.simulate(job.scenario, told, means)
                if job.simulate
                else compare.compare(job.scenario, job.arms, told, means)
            )
            store.write(results, lived, csv=job.csv)
        results.rename(drafts.folder_of(draft))
        whole_files.settle(draft.parent)
    except DraftError:
        raise
    except BaseException as error:
        outside = _ENDED_FROM_OUTSIDE + ((InputError,) if known else ())
        if not (isinstance(error, outside) and drafts.is_worth_keeping(draft)):
            drafts.remove(draft)
        raise


def _read(draft: Path) -> Begun:
    """Read what a draft is of; `DraftError` if it does not say."""
    try:
        return Begun.model_validate_json(content(draft, drafts.JOB))
    except InputError as error:
        raise DraftError(str(error)) from None
    except ValueError:
        raise DraftError(f"{draft / drafts.JOB}: must be that of a run") from None


def _begin(draft: Path, job: Job) -> bool:
    """Write down what a draft is of, or hold it against what it was begun with.

    Returns whether an earlier call had begun it; `DraftError` if that was another run's, or one of
    another version of the program.
    """
    now = Begun(job=job, versions=versions(), program_sha256=drafts.program_sha256())
    if not (draft / drafts.JOB).exists():
        whole_files.write(draft / drafts.JOB, f"{now.model_dump_json(indent=1)}\n".encode())
        return False
    then = _read(draft)
    told = f"{draft}: cannot be continued"
    if then.job.model_dump_json() != job.model_dump_json():
        raise DraftError(f"{told}, it is that of another run")
    for name in {**then.versions, **now.versions}:
        before, after = then.versions.get(name, "none"), now.versions.get(name, "none")
        if before != after:
            raise DraftError(f"{told} with {name} {after}, it was begun with {before}")
    if then.program_sha256 != now.program_sha256:
        raise DraftError(f"{told}, the program has changed since")
    return True
