"""The networks that forecast homes, whole: a transformer over days, and one over single steps.

B is the number of windows in a batch, D the steps of a day, L the days looked back, H the steps
ahead, E the width of a token, Q the number of quantile levels, K = 1 + Q the outputs per step.

References
----------
.. [1] A. Vaswani et al., "Attention is all you need," NeurIPS 2017.
.. [2] Y. Nie et al., "A time series is worth 64 words," ICLR 2023: a patch of steps is a token.
.. [3] R. Xiong et al., "On layer normalization in the transformer architecture," ICML 2020.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as fn

STREAMS = ("consumption", "price")
HORIZONS = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class PatchShape:
    """Everything that decides which weights a `PatchTransformer` has."""

    steps_per_day: int = 48  # D
    look_back_days: int = 7  # L
    horizon_steps: int = 48  # H
    tokens_count: int = 2  # into which the horizon is divided
    calendar_count: int = 7  # calendar features of a step or day
    statistics_count: int = 16  # causal statistics of a step ahead
    quantiles_count: int = 5  # Q
    width: int = 64  # E
    heads_count: int = 4
    layers_count: int = 3  # 0 leaves all attention out
    feed_forward: int = 128
    dropout_fraction: float = 0.1
    skip_steps: int = 48  # last steps that reach the outputs directly; 0 for none


class PatchInputs(NamedTuple):
    """What a batch of windows shows a `PatchTransformer`; all in units of the window's level."""

    history: Tensor  # (B, L D) the steps looked back upon, the oldest first
    history_calendar: Tensor  # (B, L, calendar_count) of the day that each patch ends in
    level: Tensor  # (B, 3) the window's mean, spread and log mean
    calendar: Tensor  # (B, H, calendar_count)
    statistics: Tensor  # (B, H, statistics_count) of the same slot on the days before
    recent: Tensor  # (B, skip_steps) last steps less their slots' usual value


# Statistics that a network starts from, by their place: means of 7 and 28 days, median of 28
# days, mean of the days alike.
STARTED_ON = (0, 1, 3, 12)


class Block(nn.Module):
    """Attention, then a wider layer, each on what came in, normalised, and added to it [3]_."""

    def __init__(self, width: int, heads_count: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.heads_count = heads_count
        self.norm_attention, self.norm_wide = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.joined = nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, feed_forward), nn.Linear(feed_forward, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (B, N, E) to (B, N, E)."""
        tokens = tokens + self.dropout(self._attend(self.norm_attention(tokens)))
        wide = self.dropout(fn.gelu(self.wide(self.norm_wide(tokens))))
        return tokens + self.dropout(self.narrow(wide))

    def _attend(self, tokens: Tensor) -> Tensor:
        batch, count, width = tokens.shape
        split = (batch, count, 3, self.heads_count, width // self.heads_count)
        query, key, value = self.query_key_value(tokens).view(split).permute(2, 0, 3, 1, 4)
        found = fn.scaled_dot_product_attention(query, key, value)  # (B, heads, N, E / heads)
        return self.joined(found.transpose(1, 2).reshape(batch, count, width))


class PatchTransformer(nn.Module):
    """Days looked back upon and pieces of the horizon are tokens; every step ahead has a head.

    A head's outputs are added to what simple statistics of the same slot say, which are learned
    too. Without them a network of this size spends itself on finding the daily pattern.
    """

    def __init__(self, shape: PatchShape, started_on: tuple[int, ...] = STARTED_ON) -> None:
        super().__init__()
        self.shape = shape
        width, outputs = shape.width, 1 + shape.quantiles_count
        ahead = shape.horizon_steps // shape.tokens_count  # steps of a token
        seen = shape.calendar_count + shape.statistics_count
        self.day = nn.Linear(shape.steps_per_day + shape.calendar_count, width)
        self.level = nn.Linear(3, width)
        self.piece = nn.Linear(ahead * seen, width)
        count = shape.look_back_days + shape.tokens_count
        self.position = nn.Parameter(torch.randn(count, width) * 0.02)
        sizes = (width, shape.heads_count, shape.feed_forward, shape.dropout_fraction)
        self.blocks = nn.ModuleList(Block(*sizes) for _ in range(shape.layers_count))
        self.norm = nn.LayerNorm(width)
        self.context, self.features = nn.Linear(width, width), nn.Linear(seen, width)
        self.step = nn.Parameter(torch.randn(ahead, width) * 0.02)
        self.residual = nn.Sequential(
            nn.Linear(width, width), nn.GELU(), nn.Dropout(shape.dropout_fraction),
            nn.Linear(width, width),
        )  # fmt: skip
        self.head = nn.Linear(width, outputs)
        self.usual = nn.Linear(shape.statistics_count, outputs)
        ahead_outputs = shape.horizon_steps * outputs
        self.recent = nn.Linear(shape.skip_steps, ahead_outputs) if shape.skip_steps else None
        self._start_plain(list(started_on))

    def _start_plain(self, started_on: list[int]) -> None:
        """Start from the mean of some of the statistics, and from nothing else."""
        with torch.no_grad():
            self.usual.weight.zero_()
            self.usual.bias.zero_()
            self.usual.weight[:, started_on] = 1.0 / len(started_on)
            for layer in (self.head, self.recent):
                if layer is not None:
                    layer.weight.zero_()
                    layer.bias.zero_()

    def forward(self, seen: PatchInputs) -> Tensor:
        """Forecast (B, H, K): the mean first, then the quantiles, in units of the level."""
        shape = self.shape
        batch, pieces = seen.history.shape[0], shape.tokens_count
        days = seen.history.view(batch, shape.look_back_days, shape.steps_per_day)
        days = self.day(torch.cat((days, seen.history_calendar), dim=-1))  # (B, L, E)
        shown = torch.cat((seen.calendar, seen.statistics), dim=-1)  # (B, H, features)
        ahead = self.piece(shown.reshape(batch, pieces, -1))  # (B, pieces, E)
        level = self.level(seen.level)[:, None]  # (B, 1, E)
        tokens = torch.cat((days, ahead), dim=1) + level + self.position
        for block in self.blocks:
            tokens = block(tokens)
        context = self.context(self.norm(tokens[:, shape.look_back_days :]))  # (B, pieces, E)
        each = self.features(shown).view(batch, pieces, -1, shape.width)
        each = fn.gelu(context[:, :, None] + each + self.step)  # (B, pieces, H / pieces, E)
        each = each + self.residual(each)
        outputs = self.head(each).view(batch, shape.horizon_steps, -1)
        outputs = outputs + self.usual(seen.statistics)
        if self.recent is not None:
            outputs = outputs + self.recent(seen.recent).view_as(outputs)
        return outputs


@dataclass(frozen=True, slots=True)
class EnergyShape:
    """Everything that decides which weights an `EnergyTransformer` has; `full` by default."""

    look_back_steps: int = 48
    columns_count: int = 24
    width: int = 512  # E
    heads_count: int = 8
    layers_count: int = 6
    feed_forward: int = 2048
    head_width: int = 1024
    dropout_fraction: float = 0.1
    horizons_steps: tuple[int, int, int] = (48, 336, 1440)  # day, week, month


class EnergyTransformer(nn.Module):
    """Every step looked back upon is a token of 24 columns; the last one forecasts all [1]_.

    Six heads read the last token: two streams, consumption and price, by three horizons.
    """

    def __init__(self, shape: EnergyShape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Linear(shape.columns_count, shape.width)
        self.register_buffer("position", sinusoids(shape.look_back_steps, shape.width), False)
        layer = nn.TransformerEncoderLayer(
            shape.width,
            shape.heads_count,
            shape.feed_forward,
            shape.dropout_fraction,
            batch_first=True,
        )
        self.encoder = nn.TransformerEncoder(layer, shape.layers_count, enable_nested_tensor=False)
        self.heads = nn.ModuleDict(
            {
                f"{stream}_{horizon}": nn.Sequential(
                    nn.Linear(shape.width, shape.head_width),
                    nn.ReLU(),
                    nn.Linear(shape.head_width, steps),
                )
                for stream in STREAMS
                for horizon, steps in zip(HORIZONS, shape.horizons_steps, strict=True)
            }
        )

    def forward(self, columns: Tensor) -> dict[str, Tensor]:
        """Forecast each stream and horizon, (B, steps), from (B, look_back_steps, columns)."""
        tokens = self.encoder(self.embedding(columns) + self.position)
        return {name: head(tokens[:, -1]) for name, head in self.heads.items()}


def sinusoids(steps: int, width: int) -> Tensor:
    """Return the positions of [1]_, shape (steps, width): sines and cosines of many waves."""
    # Always computed: where a network is only sketched (on "meta"), this would load a compiler.
    at = torch.arange(steps, device="cpu")[:, None]
    rate = torch.exp(torch.arange(0, width, 2, device="cpu") * (-math.log(10_000.0) / width))
    out = torch.empty(steps, width, device="cpu")
    out[:, 0::2], out[:, 1::2] = torch.sin(at * rate), torch.cos(at * rate)
    return out


def parameters_count(network: nn.Module) -> int:
    """Count the weights that training changes."""
    return sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
