"""Rungs that were trained before: checkpoints of any preset, as they are or tuned to each home.

n is the number of homes, H the steps ahead, k of origins, Q of quantile levels.

A home's validation span is a month, and what it says of the months after it is half chance. So what
is tuned is the mean of the weights on the way [1]_, and may stop half way to it [2]_.

References
----------
.. [1] B. Polyak, A. Juditsky, "Acceleration of stochastic approximation by averaging," SIAM J.
   Control Optim. 30(4), 1992.
.. [2] M. Wortsman et al., "Robust fine-tuning of zero-shot models," CVPR 2022.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from forecasting.evaluation.course import HISTORY_DAYS, Course, Expected, Forecaster, Span
from forecasting.learned import batched, columns
from forecasting.learned.checkpoint import Checkpoint
from forecasting.learned.seen import known_homes
from forecasting.learned.task import Outlook, Scalers, Task, Windows, every_window
from profiles.arrays import Floats, Integers
from profiles.errors import InputError

# Tuning: few steps at a low rate, and what validation likes best of what came of them.
TUNE_STEPS, TUNE_EVERY, TUNE_BATCH, TUNE_RATE = 120, 40, 64, 2e-4
TUNE_SHARES = 0.5, 1.0  # of the way from the network to the mean of the weights
_CHUNK = 512  # windows of small networks that are forecast at once

Weights = Mapping[str, Tensor]


def check_fits(trained: Checkpoint, course: Course) -> None:
    """Refuse a network of other steps or columns, or one that does not look so far ahead.

    Raises
    ------
    InputError
        With what it was trained for and what is asked of it.
    """
    minutes = course.record.profiles.step_minutes
    if trained.step_minutes != minutes:
        raise InputError(
            f"checkpoint: was trained on steps of {trained.step_minutes} minutes, which the run "
            f"must have (got {minutes})"
        )
    if trained.task.horizon_steps < course.horizon_steps:
        raise InputError(
            f"checkpoint: {trained.preset} looks {trained.task.horizon_steps} steps ahead, which "
            f"the horizon must not exceed (got {course.horizon_steps})"
        )
    known_steps = HISTORY_DAYS * course.day
    if trained.task.history_steps > known_steps:
        raise InputError(
            f"checkpoint: looks {trained.task.history_steps} steps back, of which origins have "
            f"at least {known_steps}"
        )
    columns.check_filled(course.record.profiles, columns.learned(trained.scalers))


def forecasts_price(checkpoint: Checkpoint, course: Course) -> bool:
    """Tell whether a network forecasts the price too, by asking it once."""
    windows = _windows(checkpoint, course)
    at = np.zeros(1, np.int64), course.origins(course.validation)[:1]
    found = batched.outlook(checkpoint.network, checkpoint.task, windows, *at)
    return found.price_cents_per_kwh is not None


def trained(checkpoint: Checkpoint) -> Callable[[Course], Forecaster]:
    """Ask the network as it was stored."""

    def fit(course: Course) -> Forecaster:
        windows = _windows(checkpoint, course)

        def forecast(origins: Integers) -> Expected:
            found = _outlook(checkpoint, windows, course, origins)
            return _expected(found, (origins.size, course.values.shape[1]), course.horizon_steps)

        return forecast

    return fit


def tuned(checkpoint: Checkpoint) -> Callable[[Course], Forecaster]:
    """Train all weights a little further on each home, and ask each home's own network."""

    def fit(course: Course) -> Forecaster:
        windows = _windows(checkpoint, course)
        homes = range(course.values.shape[1])
        own = [tune(checkpoint, windows, course, home) for home in homes]
        return _each(checkpoint, windows, course, own)

    return fit


def local(checkpoints: Sequence[Checkpoint]) -> Callable[[Course], Forecaster]:
    """Ask each home's own network, which learned from that home alone; one of each, in order."""

    def fit(course: Course) -> Forecaster:
        own = [each.network.state_dict() for each in checkpoints]
        # Scalers are those of the course: a network of one home knows but its own.
        stranger = replace(checkpoints[0], home_ids=())
        return _each(stranger, _windows(stranger, course), course, own)

    return fit


def _each(
    checkpoint: Checkpoint, windows: Windows, course: Course, own: Sequence[Weights]
) -> Forecaster:
    """Forecast each home with weights of its own, in a network of one shape."""
    network = deepcopy(checkpoint.network)

    def forecast(origins: Integers) -> Expected:
        parts = []
        for home, weights in enumerate(own):
            network.load_state_dict(weights)
            at = np.full(origins.size, home), origins
            found = batched.outlook(network, checkpoint.task, windows, *at, chunk=_CHUNK)
            parts.append(_expected(found, (origins.size, 1), course.horizon_steps))
        return _joined(parts)

    return forecast


def price(checkpoint: Checkpoint) -> Callable[[Course], Forecaster]:
    """Ask for the price: the mean of what the network expects of it beside each home.

    The course has one column; the homes are those of its record.
    """

    def fit(course: Course) -> Forecaster:
        windows = _windows(checkpoint, course)

        def forecast(origins: Integers) -> Expected:
            found = _outlook(checkpoint, windows, course, origins).price_cents_per_kwh
            assert found is not None  # noqa: S101, asked only of networks that forecast it
            shape = origins.size, -1, found.shape[-1]
            each = found.reshape(shape).mean(axis=1, keepdims=True)
            return Expected(median=each[..., : course.horizon_steps])

        return forecast

    return fit


def tune(checkpoint: Checkpoint, windows: Windows, course: Course, home: int) -> Weights:
    """Train all weights on one home, and keep what forecasts its validation span best.

    Returns
    -------
    mapping
        The network's own weights, or half way or all the way to their mean over the first 40, 80 or
        120 steps.
    """
    task = checkpoint.task
    torch.manual_seed(course.seed)
    network = deepcopy(checkpoint.network).requires_grad_(requires_grad=True)
    optimizer = torch.optim.AdamW(network.parameters(), TUNE_RATE)
    learned, checked = (
        _of_home(task, course, span, home) for span in (course.train, course.validation)
    )
    rng = np.random.default_rng((course.seed, home))
    start, trial = _copied(network), deepcopy(checkpoint.network)
    mean = _copied(network)
    best, best_loss = start, _loss(task, trial, windows, checked)
    for step in range(1, TUNE_STEPS + 1 if learned[0].size else 1):
        drawn = rng.integers(0, learned[0].size, TUNE_BATCH)
        optimizer.zero_grad()
        at = learned[0][drawn], learned[1][drawn]
        loss = task.loss(network.train()(windows.inputs(*at)), windows.targets(*at))
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        mean = _between(mean, _copied(network), 1.0 / step)
        for share in TUNE_SHARES if step % TUNE_EVERY == 0 else ():
            trial.load_state_dict(_between(start, mean, share))
            found = _loss(task, trial, windows, checked)
            if found < best_loss:
                best, best_loss = _copied(trial), found
    return best


def _between(one: Weights, other: Weights, share: float) -> Weights:
    """Go a share of the way from one network to another."""
    return {name: each + share * (other[name] - each) for name, each in one.items()}


def _loss(
    task: Task, network: nn.Module, windows: Windows, pool: tuple[Integers, Integers]
) -> float:
    """Return the mean loss over the windows of validation, by weight of their number."""
    network.eval()
    total = 0.0
    with torch.inference_mode():
        for first in range(0, pool[0].size, _CHUNK):
            at = pool[0][first : first + _CHUNK], pool[1][first : first + _CHUNK]
            loss = task.loss(network(windows.inputs(*at)), windows.targets(*at))
            total += float(loss) * at[0].size
    return total / max(1, pool[0].size)


def _of_home(task: Task, course: Course, span: Span, home: int) -> tuple[Integers, Integers]:
    """List the windows of a home whose targets lie within a span, where any was metered."""
    first = max(span.first, task.history_steps) - 1
    origins = np.arange(first, span.end - task.horizon_steps, course.every_steps)
    ahead = origins[:, None] + np.arange(1, task.horizon_steps + 1)
    origins = origins[course.metered[ahead, home].any(axis=1)]
    return np.full(origins.size, home), origins


def _windows(checkpoint: Checkpoint, course: Course) -> Windows:
    """Make what hands out windows of what the network has learned to read."""
    wanted = columns.learned(checkpoint.scalers)
    homes = columns.narrowed(course.record.profiles, wanted)
    narrow = replace(course, record=replace(course.record, profiles=homes))
    return checkpoint.task.windows(narrow.record, scalers(checkpoint, narrow))


def scalers(checkpoint: Checkpoint, course: Course) -> Scalers:
    """Take the stored figures of homes that trained the network, and fit those of others."""
    homes = course.record.profiles
    fitted = checkpoint.task.scalers(course.record, *course.train)
    rows = {home_id: row for row, home_id in enumerate(checkpoint.home_ids)}
    known = set(known_homes(homes, checkpoint.seen)) & rows.keys()
    out = {name: figures.copy() for name, figures in fitted.items()}
    for column, home_id in enumerate(homes.home_ids.tolist()):
        if home_id in known:
            for name, figures in out.items():
                figures[column] = checkpoint.scalers[name][rows[home_id]]
    return out


def _outlook(
    checkpoint: Checkpoint, windows: Windows, course: Course, origins: Integers
) -> Outlook:
    """Forecast all homes at origins, the homes of one origin together."""
    at = every_window(course.record.profiles.homes_count, origins)
    return batched.outlook(checkpoint.network, checkpoint.task, windows, *at)


def _expected(found: Outlook, shape: tuple[int, int], horizon: int) -> Expected:
    """Lay windows out by origin and home, as far ahead as is asked."""
    mean = found.mean_kwh[:, :horizon].reshape(*shape, horizon)
    levels = found.quantile_levels
    if not levels.size:
        return Expected(mean=mean)
    quantiles = found.quantiles_kwh[:, :horizon].reshape(*shape, horizon, levels.size)
    middle = int(np.argmin(np.abs(levels - 0.5)))
    return Expected(mean, quantiles[..., middle], None, levels, quantiles)


def _joined(parts: list[Expected]) -> Expected:
    """Put homes side by side."""

    def side_by_side(name: str) -> Floats | None:
        columns = [getattr(part, name) for part in parts]
        return None if columns[0] is None else np.concatenate(columns, axis=1)

    return Expected(
        side_by_side("mean"),
        side_by_side("median"),
        None,
        parts[0].quantile_levels,
        side_by_side("quantiles"),
    )


def _copied(network: nn.Module) -> Weights:
    return {name: each.detach().clone() for name, each in network.state_dict().items()}
