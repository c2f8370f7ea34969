"""A trained network in a folder: its weights, and all that one must know to use them.

`weights.safetensors` holds the tensors; `checkpoint.json`, written last, their hash, the network's
shape, scalers by home, training homes and span, and what was typed. Nothing in it is ever executed,
and nothing is built before it has been checked.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from forecasting.config import TargetName
from forecasting.learned import durable, presets
from forecasting.learned.config import PresetName
from forecasting.learned.patch import MINUTES_PER_DAY
from forecasting.learned.seen import Marks
from forecasting.learned.task import Scalers, Task
from profiles import whole_files
from profiles.arrays import Floats
from profiles.config import Section, validated
from profiles.errors import InputError, shown
from profiles.local_time import YEAR_FIRST, YEAR_LAST, utc_from_local
from profiles.strict_yaml import Document

FORMAT_VERSION = 1
WEIGHTS, DESCRIPTION = "weights.safetensors", "checkpoint.json"

_TEXT_BYTES_MAX = 1 << 26
_DAY_LAST = int(np.datetime64(f"{YEAR_LAST}-12-31", "D").astype(np.int64))  # since 1970-01-01
# What is divided by must be above 0, and energy must not be below it.
_DIVISORS, _ENERGIES = ("columns_deviation", "load_deviation_kwh"), ("load_mean_kwh", "mean_kwh")


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A network that can be asked, and where it comes from. n training homes."""

    task: Task
    network: nn.Module  # for evaluation, fp32
    scalers: Scalers  # (n, ...) each, of the training homes; of none that trained together
    home_ids: tuple[int, ...]  # (n,)
    source: str  # of the profiles, for people
    train_start_utc: np.datetime64
    train_end_utc: np.datetime64  # of the span, validation included
    step_minutes: int
    preset: PresetName
    target: TargetName
    seen: Marks  # days of the training homes, by which they are known again
    meta: Mapping[str, Any]  # command, config, seed, losses: nothing that a forecast depends on


class Description(Section):
    """What `checkpoint.json` holds."""

    format_version: int
    """1."""
    preset: PresetName
    """Which table of figures and which family of networks."""
    target: TargetName
    """What is forecast, where a network forecasts one series."""
    shape: dict[str, Any]
    """All that decides which weights there are."""
    step_minutes: Literal[15, 30, 60]
    """Length of a step [min]."""
    federated: bool = False
    """Whether homes trained it together; then nobody was told the scale of any."""
    home_ids: list[int]
    """Training homes whose scalers are told, rising."""
    scalers: dict[str, dict[str, Any]]
    """Figures by name and home."""
    source: str
    """Of the profiles."""
    train_start_utc: str
    """First instant of the span."""
    train_end_utc: str
    """First instant after it, validation included."""
    seen: dict[str, dict[str, str]]
    """Marks by home and day."""
    meta: dict[str, Any]
    """What was typed and what came of it."""
    weights_sha256: str
    """Of the file beside it."""


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint into a folder, which is made; without its JSON it is none.

    Raises
    ------
    OSError
        If it cannot be written.
    ValueError
        If a figure is not finite; nothing is written then.
    """
    weights = durable.packed(checkpoint.network.state_dict())
    told = Description(
        format_version=FORMAT_VERSION,
        preset=checkpoint.preset,
        target=checkpoint.target,
        shape=presets.described(checkpoint.task),
        step_minutes=checkpoint.step_minutes,  # type: ignore[arg-type]  # that of profiles
        federated=not checkpoint.home_ids,
        home_ids=list(checkpoint.home_ids),
        scalers={
            name: dict(zip(map(str, checkpoint.home_ids), figures.tolist(), strict=True))
            for name, figures in checkpoint.scalers.items()
        },
        source=checkpoint.source,
        train_start_utc=str(checkpoint.train_start_utc),
        train_end_utc=str(checkpoint.train_end_utc),
        seen={
            str(home_id): {str(day): mark for day, mark in of_home.items()}
            for home_id, of_home in checkpoint.seen.items()
        },
        meta=dict(checkpoint.meta),
        weights_sha256=durable.sha256_of(weights),
    )
    text = json.dumps(told.model_dump(), indent=1, allow_nan=False)
    folder.mkdir(parents=True, exist_ok=True)
    whole_files.write(folder / WEIGHTS, weights)
    whole_files.write(folder / DESCRIPTION, f"{text}\n".encode())


def load(folder: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    InputError
        One line: the file, the field, the limit and the value.
    """
    place = str(folder / DESCRIPTION)
    if not (folder / DESCRIPTION).is_file():
        raise InputError(f"{folder}: must be the folder of a checkpoint (no {DESCRIPTION} in it)")
    told = _described(durable.content_of(folder / DESCRIPTION, _TEXT_BYTES_MAX), place)
    task = _task(told, place)  # the shape is checked before scalers are laid out by it
    scalers = _scalers(told, place)
    if durable.digest_of(folder / WEIGHTS) != told.weights_sha256:
        raise InputError(f"{folder / WEIGHTS}: is not what {DESCRIPTION} says was written (sha256)")
    tensors = durable.unpacked(folder / WEIGHTS, _empty(task, place))
    network = task.network()
    network.load_state_dict(tensors)
    ends = [
        _instant(getattr(told, name), f"{place}: {name}")
        for name in ("train_start_utc", "train_end_utc")
    ]
    if ends[1] <= ends[0]:
        raise InputError(f"{place}: train_end_utc: must be after {ends[0]} (got {ends[1]})")
    return Checkpoint(
        task=task,
        network=network.eval().requires_grad_(requires_grad=False),
        scalers=scalers,
        home_ids=tuple(told.home_ids),
        source=told.source,
        train_start_utc=ends[0],
        train_end_utc=ends[1],
        step_minutes=told.step_minutes,
        preset=told.preset,
        target=told.target,
        seen=_seen(told, place),
        meta=told.meta,
    )


def _described(content: bytes, place: str) -> Description:
    """Check the JSON of a checkpoint but for what only its task can tell."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise InputError(f"{place}: must be JSON, it is damaged") from None
    version = data.get("format_version") if isinstance(data, dict) else None
    if version != FORMAT_VERSION:
        raise InputError(
            f"{place}: format_version: must be {FORMAT_VERSION} (got {shown(version)})"
        )
    told = validated(Document(data, {}, place), Description)
    ids = told.home_ids
    if told.federated and ids:
        raise InputError(f"{place}: home_ids: must be none, homes tell no scale (got {len(ids)})")
    if not (ids or told.federated) or ids != sorted(set(ids)):
        raise InputError(f"{place}: home_ids: must name homes, rising (got {len(ids)})")
    return told


def _scalers(told: Description, place: str) -> dict[str, Any]:
    """Lay scalers out by home, in the order of their ids."""
    wanted = presets.scalers_of(told.preset, told.shape)
    if set(told.scalers) != set(wanted):
        names = ", ".join(name[:40] for name in told.scalers) or "none"
        raise InputError(f"{place}: scalers: must be {', '.join(wanted)} (got {names!a})")
    found = {
        name: _of_homes(told, f"{place}: scalers.{name}", by_home, wanted[name])
        for name, by_home in told.scalers.items()
    }
    for name, figures in found.items():
        wrong = figures <= 0.0 if name in _DIVISORS else figures < 0.0
        if name in (*_DIVISORS, *_ENERGIES) and wrong.any():
            limit = f"{'above' if name in _DIVISORS else 'at least'} 0"
            raise InputError(
                f"{place}: scalers.{name}: must be {limit} (got {figures[wrong].min():g})"
            )
    return found


def _of_homes(
    told: Description, place: str, by_home: Mapping[str, Any], shape: tuple[int, ...]
) -> Floats:
    ids = list(map(str, told.home_ids))
    if set(by_home) != set(ids):
        wrong = min(set(ids) ^ set(by_home))
        raise InputError(f"{place}: must name the homes of home_ids (not so: {wrong[:40]!a})")
    if not ids:
        return np.empty((0, *shape))
    with suppress(ValueError, TypeError, OverflowError):  # of what is no table of numbers
        figures = np.array([by_home[home_id] for home_id in ids], dtype=np.float64)
        if figures.shape == (len(ids), *shape) and np.isfinite(figures).all():
            return figures
    raise InputError(f"{place}: must be finite numbers of shape {shape} by home")


def _task(told: Description, place: str) -> Task:
    preset = presets.PRESETS[told.preset]
    if told.target not in preset.targets:
        limit = f"must be {' or '.join(preset.targets)} for {told.preset}"
        raise InputError(f"{place}: target: {limit} (got {told.target})")
    try:
        task = presets.task_again(told.preset, told.shape, told.target)
    except InputError as error:
        raise InputError(f"{place}: {error}") from None
    day = MINUTES_PER_DAY // told.step_minutes
    if preset.day is not None and told.shape[preset.day] != day:
        limit = f"must be {day}, a day of {told.step_minutes} minutes' steps"
        raise InputError(f"{place}: shape.{preset.day}: {limit} (got {told.shape[preset.day]})")
    return task


def _empty(task: Task, place: str) -> Mapping[str, Tensor]:
    """Name the tensors of a network with their shapes, without taking memory for them."""
    try:
        with torch.device("meta"):
            return task.network().state_dict()
    except (RuntimeError, ValueError, AssertionError, ArithmeticError) as error:
        reason = " ".join(str(error).split())[:80]
        raise InputError(f"{place}: shape: is none that a network can have ({reason})") from None


def _seen(told: Description, place: str) -> Marks:
    with suppress(ValueError):
        marks = {
            int(home_id): {int(day): mark for day, mark in of_home.items()}
            for home_id, of_home in told.seen.items()
        }
        if all(0 <= day <= _DAY_LAST for of_home in marks.values() for day in of_home):
            return marks
    limit = f"must hold marks by home and day, counted from 1970-01-01 to {YEAR_LAST}-12-31"
    raise InputError(f"{place}: seen: {limit}")


def _instant(text: str, place: str) -> np.datetime64:
    try:
        return utc_from_local(text, "UTC")
    except InputError:
        limit = f"an instant like 2017-07-01T07:00:00, of the years {YEAR_FIRST} to {YEAR_LAST}"
        raise InputError(f"{place}: must be {limit} (got {shown(text)})") from None
