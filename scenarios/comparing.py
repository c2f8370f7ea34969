"""Networks that `evaluate --compare` trains: each home alone, all together, all data in one place.

Each is kept in a folder named after all that decides it, so the next comparison finds it there.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from forecasting.learned import checkpoint
from forecasting.learned.checkpoint import Checkpoint
from forecasting.learned.state import Keeper
from forecasting.learned.training import Lesson, Told
from profiles import whole_files
from profiles.errors import InputError, shown
from scenarios import lessons, training
from scenarios.federating import FEDERATE
from scenarios.schema import Scenario
from scenarios.training import TRAIN, Job, Place

LOCAL = "local"
"""The kind of which each home has its own."""

FEDERATED = "federated"
"""The kind that homes train together."""

NETWORKS = "networks"
"""Folder beside the results of evaluations, in which the networks are kept."""

# A home alone has a fraction of the windows, and is shown each about as often.
_LOCAL_STEPS, _LOCAL_BATCH = 40, 64


def check(kinds: Sequence[str]) -> None:
    """Refuse a kind of network that there is none of."""
    for kind in kinds:
        if kind not in _KINDS:
            raise InputError(f"--compare: must be among {', '.join(_KINDS)} (got {shown(kind)})")


def networks_of(
    kinds: Sequence[str], scenario: Scenario, lesson: Lesson, out: Path, told: Told
) -> dict[str, tuple[Checkpoint, ...]]:
    """Train networks, or take up those that were trained before.

    Parameters
    ----------
    kinds : sequence of str
        "local", "federated", "pooled".
    scenario : Scenario
        Whose sections `training` and `federated` say how.
    lesson : Lesson
        Of all homes.
    out : Path
        Parent of the folders.
    told : callable
        Told of progress.

    Returns
    -------
    dict
        One network by kind, or one of each home in their order.

    Raises
    ------
    FitError
        If a network cannot be trained so.
    TrainingError
        If training ended early; what is kept is gone on from.
    """
    if FEDERATED in kinds:
        FEDERATE.identity(scenario, lesson)  # refuses what cannot be, before anything is trained
    return {kind: _KINDS[kind](scenario, lesson, out / NETWORKS, told) for kind in kinds}


def _pooled(scenario: Scenario, lesson: Lesson, out: Path, told: Told) -> tuple[Checkpoint, ...]:
    return (_trained(TRAIN, scenario, lesson, out, told),)


def _federated(scenario: Scenario, lesson: Lesson, out: Path, told: Told) -> tuple[Checkpoint, ...]:
    return (_trained(FEDERATE, scenario, lesson, out, told),)


def _local(scenario: Scenario, lesson: Lesson, out: Path, told: Told) -> tuple[Checkpoint, ...]:
    recipe = replace(lesson.recipe, steps_per_epoch=_LOCAL_STEPS, batch_windows=_LOCAL_BATCH)
    homes, lessons_of = lesson.record.profiles, {}
    for home_id in homes.home_ids.tolist():
        alone = replace(lesson.record, profiles=homes.select([home_id]))
        lessons_of[home_id] = replace(lesson, record=alone, recipe=recipe)
        lessons.check_windows(lessons_of[home_id], f"home {home_id}")
    found = []
    for place, (home_id, own) in enumerate(lessons_of.items()):
        told(f"home {home_id} alone", place, homes.homes_count)
        found.append(_trained(TRAIN, scenario, own, out, lambda *_: None))
    return tuple(found)


_KINDS: Mapping[str, Callable[[Scenario, Lesson, Path, Told], tuple[Checkpoint, ...]]] = (
    MappingProxyType({LOCAL: _local, FEDERATED: _federated, "pooled": _pooled})
)


def _trained(job: Job, scenario: Scenario, lesson: Lesson, out: Path, told: Told) -> Checkpoint:
    """Train one network, unless it is there."""
    begun = training.begun_by(job, scenario, lesson)
    digest = sha256(json.dumps(begun, sort_keys=True).encode()).hexdigest()[:16]
    place = Place(out / f"{job.verb}-{digest}", f"evaluate --compare: {job.verb}")
    with whole_files.alone(place.folder):
        if not (place.folder / checkpoint.DESCRIPTION).exists():
            keeper = Keeper(place.unfinished, begun)
            trained = job.learn(scenario, lesson, keeper, told)
            training.stored(scenario, lesson, trained, place, keeper)
    return checkpoint.load(place.folder)
