"""The folder of a batch: which runs it has, which of them are whole, and why others are not.

``batch.json`` is written first and never again; each run has a folder of results of its own, which
is whole or not there; ``DONE`` comes last.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from pydantic import JsonValue

from profiles import whole_files
from profiles.config import Section
from profiles.errors import InputError
from scenarios import drafts, manifest, plain_files, store
from scenarios.job import Job

BATCH_FILE, RUNS, FAILED = "batch.json", "runs", "failed"
BATCH_BYTES_MAX = 512 << 20
"""A longer list of runs is not read; 10,000 runs have about 50 MB."""

_PATIENCE_S = 20.0  # for processes of a batch that was killed to find that it is gone
_LINE = 16 << 10  # bytes of a file that says why a run failed


class Planned(Section):
    """A run of a batch."""

    number: int
    """Place in the batch, 1 first."""

    label: str
    """What is its own, in a line."""

    varied: dict[str, JsonValue]
    """Value by dotted path of what varies, and ``scenario`` and ``override`` of a whole run."""

    repetition: int | None
    """Which of the repetitions, 1 first; null where nothing is repeated."""

    seed: int
    """Seed of the scenario."""

    steps_count: int
    """Steps of all its arms together."""

    homes_count: int
    """Homes that take part."""

    job: Job
    """What is run."""

    @property
    def name(self) -> str:
        """Name of its folder, such as "00012"."""
        return f"{self.number:05}"


class Batch(Section):
    """What ``batch.json`` holds."""

    typed: dict[str, JsonValue]
    """The sweep as it was typed, complete."""

    versions: dict[str, str]
    """Of the language and of the libraries that can change a number."""

    program_sha256: str
    """Hash of the program's own modules."""

    runs: tuple[Planned, ...]
    """All of them."""

    sha256: str
    """Hash of all the rest, in hexadecimal."""


class Failure(Section):
    """Why a run came to nothing."""

    number: int
    """Place of the run in the batch."""

    label: str
    """What was its own."""

    problem: str
    """What went wrong, in one line."""


def is_batch(folder: Path) -> bool:
    """Whether a folder is that of a batch."""
    return os.path.lexists(folder / BATCH_FILE)


def unfinished(folder: Path) -> list[Path]:
    """List the batches directly below a folder that are not whole."""
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in found if is_batch(path) and not (path / "DONE").is_file()]


def created(typed: dict[str, JsonValue], runs: tuple[Planned, ...], out: Path) -> Path:
    """Make the folder of a batch, "batch_YYYYMMDD_HHMMSS", with "-2" and so on if there is one.

    Raises
    ------
    InputError
        If nothing can be written there.
    """
    store.check_writable(out)
    program = drafts.program_sha256()
    batch = Batch(
        typed=typed, versions=manifest.versions(), program_sha256=program, runs=runs, sha256=""
    )
    batch = batch.model_copy(update={"sha256": _hash_of(batch)})
    with store.draft(out, kind="batch") as drafted:
        for name in (RUNS, FAILED):
            (drafted.hidden / name).mkdir(parents=True)
        whole_files.write(drafted.hidden / BATCH_FILE, _text(batch))
        return store.published(drafted)


def read(folder: Path) -> Batch:
    """Read what a batch runs, and check that this program would run the same.

    Raises
    ------
    InputError
        If it is no batch, was changed, or was planned by another version of the program or of a
        library that can change a number.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: {'not a folder' if folder.exists() else 'no such folder'}")
    try:
        batch = Batch.model_validate_json(plain_files.content(folder, BATCH_FILE, BATCH_BYTES_MAX))
    except InputError:
        raise
    except ValueError:
        raise plain_files.refusal(folder, BATCH_FILE, "is not that of a batch") from None
    if batch.sha256 != _hash_of(batch) or _numbers(batch) != list(range(1, len(batch.runs) + 1)):
        raise plain_files.refusal(folder, BATCH_FILE, "differs from what was written")
    return batch


def check_versions(folder: Path, batch: Batch) -> None:
    """Refuse to go on with a batch that other versions began (`InputError`)."""
    here = manifest.versions()
    for name, version in batch.versions.items():
        if here.get(name) != version:
            told = f"was begun by {name} {version}, which must go on with it"
            raise plain_files.refusal(folder, BATCH_FILE, f"{told} (this is {here.get(name)})")
    if batch.program_sha256 != drafts.program_sha256():
        told = "was begun by a program that has changed since"
        raise plain_files.refusal(folder, BATCH_FILE, told)


def run_folder(folder: Path, run: Planned) -> Path:
    """Return the folder of a run's results, which is there as soon as they are whole."""
    return folder / RUNS / run.name


def result_hash(folder: Path, run: Planned) -> str | None:
    """Return what a run's DONE holds, the hash of all that it wrote; None if it is not whole."""
    place = run_folder(folder, run)
    try:
        written, done = (plain_files.content(place, name) for name in ("manifest.json", "DONE"))
    except InputError:
        return None
    return done.decode("ascii").strip() if store.done_of(written) == done else None


def fail(folder: Path, run: Planned, problem: str) -> None:
    """Write down why a run came to nothing."""
    failure = Failure(number=run.number, label=run.label, problem=problem)
    whole_files.write(_failure(folder, run), f"{failure.model_dump_json()}\n".encode())


def forgive(folder: Path, run: Planned) -> None:
    """Forget why a run came to nothing, as it is tried again."""
    _failure(folder, run).unlink(missing_ok=True)


def problem(folder: Path, run: Planned) -> str:
    """Return why a run came to nothing; empty if it did not."""
    path = _failure(folder, run)
    try:
        found = plain_files.content(path.parent, path.name, _LINE)
        return Failure.model_validate_json(found).problem
    except ValueError:  # an InputError is one
        return ""


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Run a batch; nobody else does meanwhile, not even processes that outlive one that was killed.

    Raises
    ------
    InputError
        If somebody does.
    """
    with whole_files.alone(folder):
        (folder / RUNS).mkdir(exist_ok=True)
        (folder / FAILED).mkdir(exist_ok=True)
        with whole_files.alone(folder / RUNS, patience_s=_PATIENCE_S):
            pass
        yield


@contextmanager
def at_a_run(folder: Path) -> Iterator[None]:
    """Make one run of a batch, beside others."""
    with whole_files.among(folder / RUNS):
        yield


def is_finished(folder: Path, batch: Batch) -> bool:
    """Whether DONE was written, for the runs that are there."""
    try:
        return plain_files.content(folder, "DONE") == _done(folder, batch)
    except InputError:
        return False


def finish(folder: Path, batch: Batch) -> None:
    """Write DONE, if every run is whole."""
    content = _done(folder, batch)
    if content is not None:
        for run in batch.runs:
            forgive(folder, run)  # its process may have died when all was written
        with suppress(OSError):  # somebody put a file there
            (folder / FAILED).rmdir()
        whole_files.write(folder / "DONE", content)


def verify(folder: Path) -> list[str]:
    """Check that a batch holds what was written, run by run; parameters as in `store.verify`."""
    try:
        batch = read(folder)
    except InputError as error:
        return [str(error).removeprefix(f"{folder.name}/")]
    problems = []
    for run in batch.runs:
        place = run_folder(folder, run)
        name = f"{RUNS}/{run.name}"
        if not place.is_dir():
            problems.append(f"{name}: {problem(folder, run) or 'is not finished'}")
            continue
        problems += [f"{name}/{each}" for each in store.verify(place)]
    try:
        done = plain_files.content(folder, "DONE")
    except InputError:
        return [*problems, "DONE: is missing, the batch is not finished"]
    if not problems and done != _done(folder, batch):
        problems.append("DONE: differs from what was written")
    return problems


def _done(folder: Path, batch: Batch) -> bytes | None:
    """Hash ``batch.json`` and every run's DONE; None if a run is not whole."""
    hashes = [result_hash(folder, run) for run in batch.runs]
    lines = [batch.sha256, *(each for each in hashes if each is not None)]
    if len(lines) <= len(hashes):
        return None
    content = "".join(f"{line}\n" for line in lines)
    return f"{sha256(content.encode()).hexdigest()}\n".encode()


def _failure(folder: Path, run: Planned) -> Path:
    return folder / FAILED / f"{run.name}.json"


def _numbers(batch: Batch) -> list[int]:
    return [run.number for run in batch.runs]


def _hash_of(batch: Batch) -> str:
    return sha256(_text(batch.model_copy(update={"sha256": ""}))).hexdigest()


def _text(batch: Batch) -> bytes:
    """Write a batch as JSON, a line for each run."""
    head = json.loads(batch.model_dump_json(exclude={"runs"}))
    lines = ",\n".join(run.model_dump_json() for run in batch.runs)
    return f'{json.dumps(head, indent=1)[:-2]},\n "runs": [\n{lines}\n]}}\n'.encode()
