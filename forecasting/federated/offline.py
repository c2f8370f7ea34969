"""Rounds on a past that is there as a whole: a network that homes train together, from nothing.

As `forecasting.learned.training`, but the homes' windows stay apart: each home trains, and judges
what came of it, on its own.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch

from forecasting.federated.config import FederatedConfig
from forecasting.federated.federation import Answer, Federation, Sent
from forecasting.federated.home import Home, training_of
from forecasting.federated.messages import Order, Refusal, Update, Weights
from forecasting.federated.pace import Pace, offline
from forecasting.federated.rounds import Round
from forecasting.learned.errors import TrainingError
from forecasting.learned.state import Epoch, Keeper, best_of
from forecasting.learned.task import Task, Windows
from forecasting.learned.training import Lesson, Told, Trained, keep, seed_of
from forecasting.learned.windows import Pool, training_pool, validation_pool

_WEIGHTS = 0  # purpose of draws


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A home with a past of its own."""

    home: Home
    windows: Windows  # of this home alone
    learning: Pool
    comparing: Pool
    pace: Pace

    def train(self, order: Order) -> Update | Refusal:
        """Train on windows drawn from all that are there."""
        if not self.learning.count:
            return Refusal(self.home.id, order.round, "count")
        count = self.pace.drawn_count(self.learning.count, order.turns_count)
        drawn = self.home.drawn(order, self.learning, count)
        return self.home.fit(order, self.windows, drawn)

    def judge(self, weights: Weights) -> tuple[float, int]:
        """Say how well weights do on the home's days of validation, and by how many windows."""
        if not self.comparing.count:
            return 0.0, 0
        return self.home.judge(weights, self.windows, self.comparing), self.comparing.count


@dataclass(frozen=True, slots=True, eq=False)
class Circle:
    """Homes that learn together, wherever they are."""

    answers: Mapping[int, Answer]  # by id
    # Mean loss of weights over the windows of validation of each home, and their number.
    judge: Callable[[Weights], Iterable[tuple[float, int]]]
    sent: Sent = lambda *_: None


def federate(lesson: Lesson, knobs: FederatedConfig, keeper: Keeper, told: Told) -> Trained:
    """Train a network in rounds with homes that are all here; as `hold`.

    Parameters
    ----------
    lesson : Lesson
        Homes, task and spans; of its recipe the figures of AdamW and the spacing of windows count.
    knobs, keeper, told
        As in `hold`.
    """
    pace = offline(knobs, lesson.record.profiles.homes_count)
    members = members_of(lesson, knobs, pace)
    circle = Circle(
        {home_id: member.train for home_id, member in members.items()},
        lambda weights: [member.judge(weights) for member in members.values()],
    )
    return hold((lesson.task, lesson.seed), circle, knobs, keeper, told)


def hold(
    start: tuple[Task, int], circle: Circle, knobs: FederatedConfig, keeper: Keeper, told: Told
) -> Trained:
    """Train a network in rounds, or go on where that was interrupted.

    Parameters
    ----------
    start : tuple
        What the network is to do, and the seed of its first weights and of all draws.
    circle : Circle
        Who takes part.
    knobs : FederatedConfig
        How rounds are held.
    keeper : Keeper
        Keeps every finished round.
    told : callable
        Called after every round.

    Returns
    -------
    Trained
        The network of the round with the lowest validation loss; it knows no home's scale.

    Raises
    ------
    InputError
        If the folder holds another training, or a damaged one.
    TrainingError
        If the disk is full, the loss of validation is no number after the first round, or no home
        says how well it forecasts.
    """
    task, seed = start
    torch.set_num_threads(1)  # as at homes
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_of(seed, _WEIGHTS, 0))
        network = task.network()
    pace = offline(knobs, len(circle.answers))
    federation = Federation(network.state_dict(), knobs, pace, seed)
    best = {f"best.{name}": each.clone() for name, each in federation.shared.items()}
    epochs, tensors = keeper.kept(federation.tensors() | best)
    if tensors:
        federation.restore(tensors, len(epochs))
        best = {name: tensors[name] for name in best}
    stopped = ""
    while len(epochs) < knobs.rounds_count:
        held = federation.round(-1, circle.answers, circle.sent)
        loss = judged(circle.judge(federation.shared))
        if not math.isfinite(loss):
            stopped = f"round {len(epochs) + 1}: the loss of validation is {loss:g}"
            break
        written = _written(held)
        epochs = (*epochs, Epoch(written["loss_before"], loss, pace.rate(held.round), written))
        if best_of(epochs) == len(epochs) - 1:
            best = {f"best.{name}": each.clone() for name, each in federation.shared.items()}
        keep(keeper, epochs, federation.tensors() | best)
        work = f"round {len(epochs)} of {knobs.rounds_count}, validation {loss:.4f}"
        told(work, len(epochs), knobs.rounds_count)
    if not epochs:
        raise TrainingError(f"federated: {stopped}; no round was over, so nothing is kept")
    return Trained(
        {name.removeprefix("best."): each for name, each in best.items()}, {}, epochs, stopped
    )


def members_of(lesson: Lesson, knobs: FederatedConfig, pace: Pace) -> dict[int, Member]:
    """Give each home its own part of a record, by id; no part holds what another home metered."""
    torch.set_num_threads(1)  # two are slower on a busy machine, and differ in the last digits
    task, recipe, room = lesson.task, lesson.recipe, lesson.task.network()
    training = training_of(knobs, pace, recipe, lesson.seed)
    out = {}
    for home_id in lesson.record.profiles.home_ids.tolist():
        alone = replace(lesson.record, profiles=lesson.record.profiles.select([home_id]))
        scalers = task.scalers(alone, 0, lesson.parts.train_end)
        given = alone, task, lesson.parts
        out[home_id] = Member(
            Home(home_id, task, room, training),
            task.windows(alone, scalers),
            training_pool(*given, recipe.origins_every_steps),
            validation_pool(*given, recipe.validation_every_steps),
            pace,
        )
    return out


def judged(said: Iterable[tuple[float, int]]) -> float:
    """Return the mean loss over all windows of validation; each home says its own, and how many."""
    found = list(said)
    windows_count = sum(count for _, count in found)
    if not windows_count:
        raise TrainingError(
            "validation: no home said how well it forecasts; finished rounds are kept, the same "
            "command goes on from there"
        )
    return sum(loss * count for loss, count in found) / windows_count


def _written(held: Round) -> dict[str, Any]:
    """Write a round in JSON's terms, which have neither NaN nor infinity."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in asdict(held).items()
    }
