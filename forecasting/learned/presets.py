"""The table of presets: which network each name means, and with which figures it is trained.

A new one is a line here, and a family of networks that can do what `Task` asks for.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from forecasting.config import TargetName
from forecasting.learned import energy
from forecasting.learned.columns import COLUMNS
from forecasting.learned.config import (
    HorizonName,
    PrecisionName,
    PresetName,
    ScheduleName,
    TrainingConfig,
)
from forecasting.learned.energy import EnergyPreset, EnergyTask
from forecasting.learned.habits import FEATURES_COUNT
from forecasting.learned.network import EnergyShape, PatchShape
from forecasting.learned.patch import MINUTES_PER_DAY, PatchTask, patch_task
from forecasting.learned.task import Scalers, Task
from profiles.errors import InputError, shown

HORIZON_DAYS: Mapping[HorizonName, int] = MappingProxyType({"day": 1, "week": 7, "month": 30})

SIZE_MAX, LAYERS_MAX = 10_000, 100
"""No figure of a stored shape is larger: what is believed of a file has an end."""

_MAY_BE_NONE = ("layers_count", "skip_steps")
_DIVIDES = MappingProxyType({"heads_count": "width", "tokens_count": "horizon_steps"})


@dataclass(frozen=True, slots=True)
class Recipe:
    """The figures of training; each is explained at the knob of its name in `TrainingConfig`."""

    origins_every_steps: int = 6
    validation_every_steps: int = 6
    batch_windows: int = 32
    epochs_max: int = 50
    steps_per_epoch: int = 0
    learning_rate: float = 1e-4
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.999)
    clip_norm: float = 1.0
    schedule: ScheduleName = "plateau"
    warm_up_fraction: float = 0.0
    weight_average: float = 0.0
    patience_epochs: int = 5
    precision: PrecisionName = "bf16"


@dataclass(frozen=True, slots=True)
class Preset:
    """What a name stands for."""

    recipe: Recipe
    task: Callable[[TrainingConfig, int], Task]  # given the length of a step [min], too
    again: Callable[[Mapping[str, Any], TargetName], Task]  # from what `described` says
    # Their names, and the shape of each for one home: sizes, or the figure of a shape that says it.
    scalers: Mapping[str, tuple[int | str, ...]]
    day: str | None = None  # the figure of a shape that says how many steps a day has
    targets: tuple[TargetName, ...] = ("consumption", "generation")  # what may be forecast


_PATCH = Recipe(
    origins_every_steps=1,
    batch_windows=128,
    epochs_max=12,
    steps_per_epoch=250,
    learning_rate=1e-3,
    weight_decay=0.05,
    betas=(0.9, 0.98),
    schedule="cosine",
    warm_up_fraction=0.05,
    weight_average=0.995,
    patience_epochs=0,
    precision="fp32",
)


def _energy(name: EnergyPreset) -> Preset:
    scalers: dict[str, tuple[int | str, ...]] = {
        "columns_mean": (len(COLUMNS),),
        "columns_deviation": (len(COLUMNS),),
        "load_mean_kwh": (),
        "load_deviation_kwh": (),
    }
    return Preset(
        Recipe(),
        lambda _, minutes: EnergyTask(energy.shape_of(name, MINUTES_PER_DAY // minutes)),
        lambda shape, _: EnergyTask(_shape(EnergyShape, shape)),
        scalers,
        "look_back_steps",
        ("consumption",),
    )


def _patch(knobs: TrainingConfig, step_minutes: int) -> PatchTask:
    task = patch_task(knobs.target, step_minutes, HORIZON_DAYS[knobs.horizon])
    if knobs.layers_count is None:
        return task
    return PatchTask(knobs.target, replace(task.shape, layers_count=knobs.layers_count))


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "patch": Preset(
            _PATCH,
            _patch,
            lambda shape, target: PatchTask(target, _shape(PatchShape, shape)),
            {"mean_kwh": (), "habits": ("steps_per_day", FEATURES_COUNT)},
            "steps_per_day",
        ),
        "compact": _energy("compact"),
        "full": _energy("full"),
    }
)


def recipe_of(knobs: TrainingConfig) -> Recipe:
    """Return what was typed, and the preset's own figures for the rest."""
    typed = {field.name: getattr(knobs, field.name) for field in fields(Recipe)}
    own = PRESETS[knobs.preset].recipe
    return replace(own, **{name: value for name, value in typed.items() if value is not None})


def task_of(knobs: TrainingConfig, step_minutes: int) -> Task:
    """Make what a preset trains, for steps of 15, 30 or 60 minutes."""
    return PRESETS[knobs.preset].task(knobs, step_minutes)


def described(task: Task) -> dict[str, Any]:
    """Say in JSON's terms all that decides which weights a task's network has."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(task.shape).items()
    }


def scalers_of(preset: str, shape: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Name the scalers of what `described` described, and the shape of each for one home."""
    return {
        name: tuple(shape.get(size) if isinstance(size, str) else size for size in sizes)
        for name, sizes in PRESETS[preset].scalers.items()
    }


def scalers_of_nobody(preset: PresetName, task: Task) -> Scalers:
    """Return scalers of no home, for a network that was told the scale of none."""
    shapes = scalers_of(preset, described(task))
    return {name: np.empty((0, *shape)) for name, shape in shapes.items()}


def task_again(preset: str, shape: Mapping[str, Any], target: TargetName) -> Task:
    """Make the task that `described` described.

    Raises
    ------
    InputError
        If the shape is not one of this preset; the message names the field within it.
    """
    return PRESETS[preset].again(shape, target)


def _shape(kind: type[Any], stored: Mapping[str, Any]) -> Any:  # noqa: ANN401, a shape of either family
    known = {field.name: field.default for field in fields(kind)}
    if set(stored) != set(known):
        name = min(set(stored) ^ set(known))
        raise InputError(f"shape: must hold {', '.join(known)} (differs in {name[:40]!r})")
    shape = kind(**{name: _figure(name, stored[name], like) for name, like in known.items()})
    for part, whole in _DIVIDES.items():
        if whole in known and part in known and getattr(shape, whole) % getattr(shape, part):
            got = f"{getattr(shape, whole)} (got {getattr(shape, part)})"
            raise InputError(f"shape.{part}: must divide {whole}, {got}")
    return shape


def _figure(name: str, value: Any, like: object) -> Any:  # noqa: ANN401, whatever a file holds
    """Refuse a figure of a shape that is not as the default is."""
    if isinstance(like, tuple):
        if not isinstance(value, list) or len(value) != len(like):
            raise InputError(f"shape.{name}: must be a list of {len(like)} (got {shown(value)})")
        return tuple(_figure(name, each, one) for each, one in zip(value, like, strict=True))
    is_share = isinstance(like, float)
    least = 0 if is_share or name in _MAY_BE_NONE else 1
    most = 1 if is_share else LAYERS_MAX if name == "layers_count" else SIZE_MAX
    if type(value) not in ((float, int) if is_share else (int,)) or not least <= value <= most:
        kind = "number" if is_share else "whole number"
        raise InputError(
            f"shape.{name}: must be a {kind} from {least} to {most} (got {shown(value)})"
        )
    return value
