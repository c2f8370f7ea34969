"""The knobs of federated learning: homes train on their own meters, and share what they learned."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from profiles.config import Section

StrategyName = Literal[
    "FedAvg", "FedProx", "FedAvgM", "FedAdam", "FedTrimmedAvg", "FedMedian", "Krum"
]
HOLDS_ALL: frozenset[StrategyName] = frozenset({"FedTrimmedAvg", "FedMedian", "Krum"})
"""Strategies that look at each update by itself, which masked sums do not allow."""

_Decay = Annotated[float, Field(ge=0, lt=1)]


class ServerConfig(Section):
    """What the coordinator makes of updates; each knob is read by the strategies it names."""

    learning_rate: float | None = Field(default=None, gt=0, le=10)
    """How far the shared network moves along what was averaged [1]. null: 1, which takes the
    average as it is, and 0.01 for `FedAdam`, which moves by signs."""

    momentum: _Decay = 0.9
    """Share of its last move that `FedAvgM` adds [1]."""

    betas: Annotated[tuple[_Decay, _Decay], Field(strict=False)] = (0.9, 0.99)
    """Decay of the means of `FedAdam` [1]."""

    adaptivity: float = Field(default=1e-3, gt=0, le=1)
    """Added to the denominator of `FedAdam` [1]: below it a weight hardly adapts."""

    proximal_mu: float = Field(default=0.01, ge=0, le=1e6)
    """Pull of a home's weights towards those it was sent, in `FedProx` [1]."""

    trimmed_fraction: float = Field(default=0.2, ge=0, lt=0.5)
    """Share of updates that `FedTrimmedAvg` leaves out at either end, weight by weight [1]."""

    malicious_fraction: float = Field(default=0.2, ge=0, lt=0.5)
    """Share of homes that `Krum` expects to be up to no good [1]."""


class PrivacyConfig(Section):
    """How much one home may show in what is shared."""

    secure: bool = False
    """Homes mask their updates in pairs, so that the coordinator learns their sum and none of
    them. Strategies that look at single updates refuse it."""

    noise_multiplier: float | None = Field(default=None, gt=0, le=1000)
    """Standard deviation of the noise on the sum of updates, in units of `clip_norm` [1]; null adds
    none. With it every home's part is bounded, and the budget that is spent is printed."""

    clip_norm: float = Field(default=0.5, gt=0, le=1e9)
    """Longest update of a home where noise is added; a longer one is shortened to it."""

    delta: float = Field(default=1e-5, ge=1e-12, lt=1)
    """Probability with which the budget may be exceeded [1]; well below one over the homes."""


class FederatedConfig(Section):
    """Rounds in which homes train a shared network, each on its own meters.

    null takes the figure of the occasion: the first for rounds within a run, the second for the
    command `federate`.
    """

    enabled: bool = False
    """Whether there are rounds within a run; it takes the forecaster `transformer`."""

    round_steps: int = Field(default=6, ge=1, le=1440)
    """Steps from one round to the next: three hours of half hours."""

    rounds_count: int = Field(default=100, ge=1, le=100_000)
    """Rounds of `federate`."""

    strategy: StrategyName = "FedAvg"
    """How updates become the next shared network: `FedAvg` by their mean, weighted by windows;
    `FedProx` likewise, with a pull at home; `FedAvgM` with momentum; `FedAdam` by adaptive steps;
    `FedTrimmedAvg`, `FedMedian` and `Krum` bear some bad homes."""

    server: ServerConfig = ServerConfig()
    """Figures of the strategies."""

    clients_per_round: int | None = Field(default=None, ge=1, le=1_000_000)
    """Homes that are asked in a round, at most as many as take part. null: all, and 10 or all."""

    clients_min: int = Field(default=2, ge=1, le=1_000_000)
    """Fewest updates that change the shared network: of one home alone it would say too much."""

    epochs: int | None = Field(default=None, ge=1, le=1000)
    """Times that a home goes through its windows. null: 2, and 1."""

    windows_per_round: int | None = Field(default=None, ge=1, le=1_000_000)
    """Windows that a home trains on in a round, drawn from its last `recent_days`, and from all it
    has. null: 64, and 480, but in all rounds together not more than twice what a home has."""

    recent_days: int = Field(default=182, ge=1, le=36_600)
    """Windows of a round within a run are drawn from so many days [days]: of a few alone a network
    learns what they happened to be like, of a year what is long over."""

    batch_windows: int | None = Field(default=None, ge=1, le=65_536)
    """Windows that are learned from at once: the fewer, the more steps of learning, and with ten
    homes to average over their noise does little. null: 64, and 16."""

    learning_rate: float | None = Field(default=None, gt=0, le=1)
    """Rate of AdamW at home [1]; over the rounds of `federate` it falls to 1 % by a cosine.
    null: 0.00003, and 0.001."""

    personal_heads: bool = False
    """Whether each home keeps the last layers of the network for itself, and shares the others."""

    norm_max_fraction: float = Field(default=0.5, gt=0, le=1e9)
    """Longest update that is taken, in lengths of the shared network [1]; others are refused."""

    timeout_seconds: float = Field(default=60.0, gt=0, le=1e9)
    """An update that comes later is left out [s]."""

    delay_mean_seconds: float = Field(default=0.0, ge=0, le=1e9)
    """Mean of the time that homes take to answer [s], drawn from an exponential distribution."""

    dropout_fraction: float = Field(default=0.0, ge=0, le=1)
    """Share of the homes asked that do not answer, drawn in every round [1]."""

    privacy: PrivacyConfig = PrivacyConfig()
    """How much one home may show."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        asked, strategy = self.clients_per_round, self.strategy
        if asked is not None and asked < self.clients_min:
            told = f"must be at least clients_min, {self.clients_min} (got {asked})"
            raise ValueError(f"clients_per_round: {told}")
        alone = strategy in HOLDS_ALL
        if self.privacy.secure and alone:
            limit = "must be false where single updates are looked at"
            raise ValueError(f"privacy.secure: {limit}, as by {strategy} (got true)")
        if self.privacy.noise_multiplier is not None and alone:
            limit = "must be null where updates are not summed"
            raise ValueError(
                f"privacy.noise_multiplier: {limit}, as by {strategy} "
                f"(got {self.privacy.noise_multiplier:g})"
            )
        return self
