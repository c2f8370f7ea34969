"""How much is done in a round: the knobs, and for those left open the figure of the occasion."""

import math
from dataclasses import dataclass

from forecasting.federated.config import FederatedConfig

RATE_LAST_FRACTION = 0.01  # of the highest rate, in the last of a number of rounds
# Through a home's windows in all rounds: who goes through them more often learns them by heart.
PASSES_MAX = 2.0
_CLIENTS_OFFLINE = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """The figures of one occasion."""

    clients_count: int  # asked in a round; on average, where privacy has them drawn one by one
    epochs: int
    windows_count: int
    batch_windows: int
    learning_rate: float
    rounds_count: int  # over which the rate falls; 0 keeps it as it is
    turns_count: float = 0.0  # rounds that a home takes part in; 0 if it may draw as many as it may

    def rate(self, number: int) -> float:
        """Return the rate of learning of a round, from 0."""
        if not self.rounds_count:
            return self.learning_rate
        share = 0.5 * (1.0 + math.cos(math.pi * number / max(1, self.rounds_count - 1)))
        lowest = RATE_LAST_FRACTION
        return self.learning_rate * (lowest + (1.0 - lowest) * share)

    def drawn_count(self, windows_count: int, turns_count: float) -> int:
        """Return how many windows a home draws in a round, by how many it has and its turns."""
        if not turns_count:
            return self.windows_count
        spared = PASSES_MAX * windows_count / (turns_count * self.epochs)
        return min(self.windows_count, max(1, round(spared)))


def in_a_run(knobs: FederatedConfig, homes_count: int) -> Pace:
    """Return the figures of rounds between the steps of a run."""
    return Pace(
        knobs.clients_per_round or homes_count,
        knobs.epochs or 2,
        knobs.windows_per_round or 64,
        knobs.batch_windows or 64,
        knobs.learning_rate or 3e-5,
        0,
    )


def offline(knobs: FederatedConfig, homes_count: int) -> Pace:
    """Return the figures of rounds on a past that is there as a whole."""
    clients_count = knobs.clients_per_round or min(_CLIENTS_OFFLINE, homes_count)
    turns_count = knobs.rounds_count * clients_count / homes_count
    return Pace(
        clients_count,
        knobs.epochs or 1,
        knobs.windows_per_round or 480,
        knobs.batch_windows or 16,
        knobs.learning_rate or 1e-3,
        knobs.rounds_count,
        0.0 if knobs.windows_per_round else turns_count,
    )
