"""The coordinator's part in learning together: a shared network, moved by what homes send.

It is given ids, updates and refusals of homes, and nothing of what they metered.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from forecasting.federated import masked_intake, privacy
from forecasting.federated.config import FederatedConfig
from forecasting.federated.guards import Guard, length
from forecasting.federated.intake import Intake, Taken, bytes_of
from forecasting.federated.masked_round import SILENT_STAGES, Stage
from forecasting.federated.messages import Order, Refusal, Update, Weights
from forecasting.federated.pace import Pace
from forecasting.federated.rounds import Round
from forecasting.federated.strategies import strategy_of

Answer = Callable[[Order], Update | Refusal]
"""How a home is asked."""

Sent = Callable[[Order, Sequence[int]], None]
"""Told to whom an order goes, before they are asked one by one: far away, they begin at once."""

_ASKED, _LINKS, _NOISE = 0, 1, 2  # purposes of draws


@dataclass(frozen=True, slots=True)
class _Fates:
    """What the links between homes and coordinator do to a round."""

    answering: tuple[int, ...]  # ids, in the order in which they are asked
    dropped: tuple[int, ...]
    late: tuple[int, ...]
    stages: Mapping[int, Stage]  # of a masked round, at which those two kinds stay away


class Federation:
    """The shared network, and how it moves from round to round."""

    def __init__(self, shared: Weights, knobs: FederatedConfig, pace: Pace, seed: int) -> None:
        """Begin from weights, which are copied."""
        self.shared = {name: each.detach().clone() for name, each in shared.items()}
        self.knobs, self.pace, self.seed = knobs, pace, seed
        self.strategy = strategy_of(knobs)
        self.server = self.strategy.server(self.shared)
        self.number = 0  # of the next round

    def round(self, step: int, homes: Mapping[int, Answer], sent: Sent = lambda *_: None) -> Round:
        """Ask homes to train, and move the shared network by what they answer.

        Parameters
        ----------
        step : int
            Of the run, for the record; -1 outside a run.
        homes : mapping
            How each home that takes part is asked, by id.
        sent : callable
            Told whom the order goes to.
        """
        asked = self._asked(sorted(homes))
        rate, turns_count = self.pace.rate(self.number), self.pace.turns_count
        order = Order(self.number, self.shared, rate, self._clip_norm, turns_count)
        fates = self._fates(asked)
        sent(order, fates.answering)
        taken = self._ask(order, homes, asked, fates)
        moved = self._move(taken, len(homes))
        self.number += 1
        return self._told(step, taken, fates, (len(homes), len(asked), moved))

    def tensors(self) -> dict[str, Tensor]:
        """Return all that changes from round to round but for their number, by name."""
        out = {f"shared.{name}": each for name, each in self.shared.items()}
        return out | {f"server.{name}": each for name, each in self.server.tensors().items()}

    def restore(self, tensors: Mapping[str, Tensor], number: int) -> None:
        """Go on from what `tensors` returned after so many rounds."""
        for name, each in self.shared.items():
            each.copy_(tensors[f"shared.{name}"])
        begins = "server."
        self.server.restore(
            {
                name.removeprefix(begins): each
                for name, each in tensors.items()
                if name.startswith(begins)
            }
        )
        self.number = number

    @property
    def _clip_norm(self) -> float | None:
        knobs = self.knobs.privacy
        return None if knobs.noise_multiplier is None else knobs.clip_norm

    def _asked(self, present: Sequence[int]) -> list[int]:
        """Draw the homes of a round; where privacy is counted, each for itself."""
        rng, wanted = self._rng(_ASKED), self.pace.clients_count
        if self._clip_norm is not None:
            drawn = rng.random(len(present)) < self._rate(len(present))
            return [home_id for home_id, is_in in zip(present, drawn, strict=True) if is_in]
        return sorted(rng.permutation(present)[:wanted].tolist())

    def _rate(self, homes_count: int) -> float:
        """Probability that a home is asked, where each is drawn for itself."""
        return min(1.0, self.pace.clients_count / homes_count)

    def _fates(self, asked: Sequence[int]) -> _Fates:
        """Draw who does not answer, and who answers too late."""
        rng, knobs = self._rng(_LINKS), self.knobs
        gone = rng.random(len(asked)) < knobs.dropout_fraction
        slow = rng.exponential(knobs.delay_mean_seconds, len(asked)) > knobs.timeout_seconds
        answering, dropped, late = (
            tuple(home_id for home_id, is_so in zip(asked, mask, strict=True) if is_so)
            for mask in (~gone & ~slow, gone, slow & ~gone)
        )
        stages = dict(zip(dropped, rng.choice(SILENT_STAGES, len(dropped)).tolist(), strict=True))
        return _Fates(answering, dropped, late, {**stages, **dict.fromkeys(late, "masked")})

    def _ask(
        self, order: Order, homes: Mapping[int, Answer], asked: Sequence[int], fates: _Fates
    ) -> Taken:
        """Collect answers, one at a time where they need not be masked."""
        knobs, private = self.knobs, self._clip_norm is not None
        norm_max = knobs.norm_max_fraction * length(self.shared)
        clients_min = 1 if private else knobs.clients_min
        samples_max = 1 if private else self.pace.windows_count
        guard = Guard(self.shared, self.number, asked, samples_max, norm_max)
        if knobs.privacy.secure:
            answers = {home_id: homes[home_id](order) for home_id in fates.answering}
            return masked_intake.take(answers, fates.stages, guard, clients_min)
        combiner = self.strategy.combiner(self.shared)
        intake = Intake(guard, combiner, clients_min, bytes_of(self.shared))
        for home_id in fates.answering:
            intake.take(homes[home_id](order))
        return intake.close()

    def _move(self, taken: Taken, homes_count: int) -> float:
        """Move the shared network, and return how far."""
        change = taken.change
        if self._clip_norm is not None:
            change = self._noisy(taken, homes_count)
        if change is None:
            return 0.0
        before = {name: each.clone() for name, each in self.shared.items()}
        self.server.step(self.shared, change)
        return length({name: each - before[name] for name, each in self.shared.items()})

    def _noisy(self, taken: Taken, homes_count: int) -> dict[str, Tensor]:
        """Turn a mean of clipped updates into their sum, add noise, and divide as if all came."""
        knobs, count = self.knobs.privacy, len(taken.participants)
        assert knobs.noise_multiplier is not None  # noqa: S101, called where it is not
        change = taken.change or {
            name: torch.zeros_like(each) for name, each in self.shared.items()
        }
        total = {name: each * count for name, each in change.items()}
        noise_norm = knobs.noise_multiplier * knobs.clip_norm
        expected = self._rate(homes_count) * homes_count
        return privacy.noisy_mean(total, noise_norm, expected, self._rng(_NOISE))

    def _told(
        self, step: int, taken: Taken, fates: _Fates, figures: tuple[int, int, float]
    ) -> Round:
        (homes_count, asked_count, moved), private = figures, self._clip_norm is not None
        refused = [each for each in taken.refused if each.reason != "late"]
        late_count = len(fates.late) + len(taken.refused) - len(refused)
        mean = length(taken.change) if taken.change is not None else math.nan
        return Round(
            step=step,
            round=self.number - 1,
            asked_count=asked_count,
            participants_count=len(taken.participants),
            samples_count=0 if private else taken.samples_count,
            dropped_count=len(fates.dropped),
            late_count=late_count,
            refused_count=len(refused),
            refused=", ".join(f"{each.client} {each.reason}" for each in refused),
            loss_before=math.nan if private else taken.loss_before,
            loss_after=math.nan if private else taken.loss_after,
            norm_mean=float(np.mean(taken.norms)) if taken.norms else math.nan,
            norm_max=max(taken.norms, default=math.nan),
            norm_shared=moved,
            divergence=taken.spread / mean if mean else math.nan,
            bytes_up=taken.bytes_up,
            bytes_down=asked_count * bytes_of(self.shared) + taken.bytes_down,
            changed=moved > 0.0,
            epsilon=self._epsilon(homes_count),
        )

    def _epsilon(self, homes_count: int) -> float:
        """Count the budget of privacy that the rounds so far have spent; NaN without noise."""
        knobs = self.knobs.privacy
        if knobs.noise_multiplier is None:
            return math.nan
        spent = self.number, self._rate(homes_count), knobs.noise_multiplier, knobs.delta
        return privacy.epsilon(*spent)

    def _rng(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng((self.seed, purpose, self.number))
