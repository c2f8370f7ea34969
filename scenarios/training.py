"""What `train` does: read a scenario's homes, train a network on a span of them, keep it.

Only the span itself is put into the record that is learned from: nothing before or after it can
leave a trace.
"""

import csv
import io
import shlex
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from forecasting.learned import checkpoint, presets, seen, training
from forecasting.learned.checkpoint import Checkpoint
from forecasting.learned.errors import TrainingError, TrainingInterrupted
from forecasting.learned.network import parameters_count
from forecasting.learned.presets import Recipe
from forecasting.learned.seen import Marks
from forecasting.learned.state import STATE, Keeper, best_of
from forecasting.learned.task import Task
from forecasting.learned.training import Lesson, Told, Trained
from profiles import sources, whole_files
from profiles.config import validated
from profiles.errors import FitError, InputError
from profiles.local_time import local_stamp
from scenarios import family, fit, store
from scenarios.lessons import identity, instant, lesson_of, source_of
from scenarios.progress import Reporter
from scenarios.schema import Scenario
from scenarios.session import Typed

UNFINISHED, HISTORY = "training", "history.csv"
"""In the folder of a checkpoint: what is kept while it is trained, and the losses by epoch."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A way to train: all that `train` and `federate` do not have in common."""

    verb: str  # that is typed
    unit: str  # of progress
    learn: Callable[[Scenario, Lesson, Keeper, Told], Trained]
    # What decides the outcome beside the lesson, in JSON's terms; FitError if it does not fit.
    identity: Callable[[Scenario, Lesson], Mapping[str, Any]]


TRAIN = Job(
    "train",
    "batches",
    lambda _, lesson, keeper, told: training.train(lesson, keeper, told),
    lambda *_: {},
)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a checkpoint goes, and what was typed for it."""

    folder: Path
    command: str

    @property
    def unfinished(self) -> Path:
        """Folder of what is kept meanwhile."""
        return self.folder / UNFINISHED


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """What a checkpoint tells of a training beside its outcome."""

    scenario: Scenario
    task: Task
    recipe: Recipe
    device: str
    home_ids: tuple[int, ...]
    source: str  # of the profiles, for people
    span_utc: tuple[np.datetime64, np.datetime64]  # first instant, and the first behind it
    step_minutes: int
    zone: str
    validation_start_utc: str
    inputs_sha256: tuple[str, ...]
    seen: Marks


def run(typed: Typed, folder: Path, job: Job = TRAIN, *, quiet: bool = False) -> str:
    """Train the network of a scenario into a folder, or go on where that was interrupted.

    Parameters
    ----------
    typed : tuple
        Says which scenario.
    folder : Path
        Of the checkpoint; it is made.
    job : Job
        How it is trained.
    quiet : bool
        Show no progress.

    Returns
    -------
    str
        What was trained and where it is, in one line.

    Raises
    ------
    InputError
        Before anything is computed, if what was typed cannot be trained or stored.
    TrainingError
        If training ended early; the message says what is kept.
    TrainingInterrupted
        If somebody interrupts it; likewise.
    """
    document = family.typed(*typed)
    scenario = validated(document, Scenario, also=("base",))
    store.check_writable(folder)
    place = Place(folder, command_of(job, typed))
    check_folder(place)
    try:
        with Reporter(quiet, "homes") as progress:
            profiles = sources.read(
                fit.source(scenario), scenario.run.step_minutes, scenario.seed,
                lambda done, total: progress("generated", done, total),
            )  # fmt: skip
        lesson = lesson_of(scenario, profiles)
        begun = begun_by(job, scenario, lesson)
    except FitError as error:
        raise document.refusal(error) from None
    try:
        with Reporter(quiet, job.unit) as progress, whole_files.alone(folder):
            check_folder(place)  # once more: another training may just have ended
            keeper = Keeper(place.unfinished, begun)
            trained = job.learn(scenario, lesson, keeper, progress)
            return outcome(folder, stored(scenario, lesson, trained, place, keeper), trained)
    except KeyboardInterrupt:
        kept = "what is finished is kept, the same command goes on from there"
        raise TrainingInterrupted(f"interrupted; {folder}: {kept}") from None


def begun_by(job: Job, scenario: Scenario, lesson: Lesson) -> dict[str, Any]:
    """Name all that decides the outcome of a job, in JSON's terms (`FitError` if it cannot be)."""
    return {**identity(scenario, lesson), **job.identity(scenario, lesson)}


def stored(
    scenario: Scenario, lesson: Lesson, trained: Trained, place: Place, keeper: Keeper
) -> Checkpoint:
    """Write a checkpoint; what was kept meanwhile is needed no longer.

    Raises
    ------
    TrainingError
        If it cannot be written, or training stopped early; the message says what is kept.
    """
    return kept(_taught(scenario, lesson), trained, place, keeper)


def kept(taught: Taught, trained: Trained, place: Place, keeper: Keeper) -> Checkpoint:
    """Write a checkpoint of what was taught; as `stored`."""
    made = _checkpoint(taught, trained, place.command)
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        whole_files.write(place.folder / HISTORY, _history(trained))
        checkpoint.save(place.folder, made)
    except OSError as error:
        raise TrainingError(
            f"{place.folder}: cannot be written ({error.strerror or error}); all epochs are kept, "
            "the same command goes on from there"
        ) from None
    keeper.clear()
    if trained.stopped:
        raise TrainingError(
            f"{place.folder}: {trained.stopped}; training stopped, the network of {_unit(trained)} "
            f"{best_of(trained.epochs) + 1} is kept"
        )
    return made


def outcome(folder: Path, made: Checkpoint, trained: Trained) -> str:
    """Say in one line what was trained and where it is."""
    best = best_of(trained.epochs)
    return (
        f"{folder}: {made.preset}, {made.meta['weights_count']} weights, trained on "
        f"{made.source}, {made.meta['span_local'][0]} to {made.meta['span_local'][1]}; "
        f"{_unit(trained)} {best + 1} of {len(trained.epochs)} is kept, validation loss "
        f"{trained.epochs[best].validation_loss:.4f}{_of_rounds(trained)}"
    )


def _unit(trained: Trained) -> str:
    return "epoch" if trained.epochs[0].held is None else "round"


def _of_rounds(trained: Trained) -> str:
    """Say what rounds came to, and which budget of privacy is spent; nothing of epochs alone."""
    rounds = [epoch.held for epoch in trained.epochs if epoch.held is not None]
    if not rounds:
        return ""
    changed, epsilon = sum(held["changed"] for held in rounds), rounds[-1]["epsilon"]
    spent = "" if epsilon is None else f", epsilon {epsilon:.2f} is spent"
    return f"; {changed} changed the network{spent}"


def _taught(scenario: Scenario, lesson: Lesson) -> Taught:
    homes = lesson.record.profiles
    return Taught(
        scenario=scenario,
        task=lesson.task,
        recipe=lesson.recipe,
        device=lesson.device,
        home_ids=tuple(homes.home_ids.tolist()),
        source=source_of(scenario, homes),
        span_utc=(instant(homes, 0), instant(homes, homes.steps_count)),
        step_minutes=homes.step_minutes,
        zone=homes.zone,
        validation_start_utc=str(instant(homes, lesson.parts.validation_first)),
        inputs_sha256=tuple(each.sha256 for each in homes.origin.inputs),
        seen=seen.marks(homes, 0, homes.steps_count),
    )


def _checkpoint(taught: Taught, trained: Trained, command: str) -> Checkpoint:
    network = taught.task.network()
    network.load_state_dict(dict(trained.weights))
    knobs = taught.scenario.training
    meta = {
        "command": command,
        "seed": taught.scenario.seed,
        "horizon": knobs.horizon,
        "recipe": asdict(taught.recipe),
        "device": taught.device,
        "torch": version("torch"),
        "weights_count": parameters_count(network),
        "span_local": [local_stamp(each, taught.zone) for each in taught.span_utc],
        "zone": taught.zone,
        "validation_start_utc": taught.validation_start_utc,
        "inputs_sha256": list(taught.inputs_sha256),
        "best_epoch": best_of(trained.epochs) + 1,
        "stopped": trained.stopped,
        "epochs": [asdict(epoch) for epoch in trained.epochs],
    }
    return Checkpoint(
        task=taught.task,
        network=network,
        scalers=trained.scalers or presets.scalers_of_nobody(knobs.preset, taught.task),
        home_ids=taught.home_ids if trained.scalers else (),
        source=taught.source,
        train_start_utc=taught.span_utc[0],
        train_end_utc=taught.span_utc[1],
        step_minutes=taught.step_minutes,
        preset=knobs.preset,
        target=knobs.target,
        seen=taught.seen,
        meta=meta,
    )


def check_folder(place: Place) -> None:
    """Refuse a folder in which a network stands that was trained to the end."""
    if (place.folder / checkpoint.DESCRIPTION).exists() and not (place.unfinished / STATE).exists():
        raise InputError(
            f"--out {place.folder}: must be a folder without a trained network "
            f"(it has {checkpoint.DESCRIPTION})"
        )


def command_of(job: Job, typed: Typed) -> str:
    """Write down what was typed."""
    name, settings, options, overrides = typed
    words = ["python", "run.py", job.verb, name]
    for option, value in options.items():
        words += [option, str(value)]
    for flag, values in (("--override", overrides), ("--set", settings)):
        for value in values:
            words += [flag, value]
    return shlex.join(words)


def _history(trained: Trained) -> bytes:
    """Write the losses of all epochs as CSV, and what was kept of rounds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    held = trained.epochs[0].held or {}
    losses = ("training_loss", "validation_loss", "rate")
    writer.writerow(("epoch", *losses, *held))
    for number, epoch in enumerate(trained.epochs, 1):
        of_round = (epoch.held or {}).values()
        writer.writerow((number, *(getattr(epoch, name) for name in losses), *of_round))
    return text.getvalue().encode()
