"""What crosses between a home and the coordinator in a round, in either direction.

No message holds a reading, a window, a forecast or a scaler of a home. Outside a run homes also
tell, after a round, how well the network does on their days of validation; nothing else crosses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

Weights = Mapping[str, Tensor]
"""Weights of the shared part of a network by name, fp32."""

Reason = Literal[
    "not_asked",  # nobody asked this home in this round
    "late",  # nothing came before the time-out
    "replayed",  # made for another round
    "duplicate",  # the second of a home in a round
    "keys",  # names of weights
    "shape",  # or type of a weight
    "not_finite",
    "norm",  # longer than may be
    "count",  # of windows: none, or more than were asked for
    "loss",  # the home itself found no finite loss, and kept its old weights
]


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What the coordinator sends to a home."""

    round: int  # from 0
    weights: Weights  # of the shared network
    learning_rate: float
    clip_norm: float | None  # longest update that may be sent; None bounds none
    turns_count: float = 0.0  # rounds that a home takes part in, on average; 0 if they do not end


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """What a home sends back."""

    client: int  # id of the home
    round: int
    samples_count: int  # windows it trained on
    delta: Weights  # its weights after training less those it was sent
    loss_before: float  # mean over those windows, of the weights it was sent
    loss_after: float  # likewise, of its own


@dataclass(frozen=True, slots=True)
class Refusal:
    """An update that is left out, and why; a home that found no finite loss sends one itself."""

    client: int
    round: int
    reason: Reason
