"""Small networks with weights that nobody trained, written as trained ones are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from forecasting.config import TargetName
from forecasting.learned import checkpoint
from forecasting.learned.checkpoint import Checkpoint
from forecasting.learned.columns import COLUMNS
from forecasting.learned.config import PresetName
from forecasting.learned.energy import EnergyTask, shape_of
from forecasting.learned.habits import FEATURES_COUNT
from forecasting.learned.patch import patch_task
from forecasting.learned.seen import Marks
from forecasting.learned.task import Scalers, Task
from profiles.recorded.columns import APPLIANCES

SPAN_UTC = np.datetime64("2012-01-01T00:00:00"), np.datetime64("2013-01-01T00:00:00")


def stand_in(
    folder: Path,
    step_minutes: int = 60,
    target: TargetName = "consumption",
    preset: PresetName = "patch",
    seen: Marks | None = None,
) -> Path:
    """Write a checkpoint whose every weight counts, and return its folder."""
    torch.manual_seed(20)
    task = _task(preset, step_minutes, target)
    network = task.network()
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    made = Checkpoint(
        task=task,
        network=network,
        scalers=_scalers(preset, step_minutes),
        home_ids=(1,),
        source="nobody's homes",
        train_start_utc=SPAN_UTC[0],
        train_end_utc=SPAN_UTC[1],
        step_minutes=step_minutes,
        preset=preset,
        target=target,
        seen=seen or {1: {}},
        meta={},
    )
    checkpoint.save(folder, made)
    return folder


def _scalers(preset: PresetName, step_minutes: int) -> Scalers:
    if preset == "patch":
        day = 24 * 60 // step_minutes
        return {"mean_kwh": np.ones(1), "habits": np.full((1, day, FEATURES_COUNT), 0.05)}
    # Of homes whose meters tell consumption alone: appliances and weather told nothing.
    silent = {*APPLIANCES, "temperature", "irradiance"} - {"misc"}
    told = np.array([column.name not in silent for column in COLUMNS])
    least = [column.spread_min for column in COLUMNS]
    columns = {
        "columns_mean": told[None].astype(float),
        "columns_deviation": np.where(told, 1.0, least)[None],
    }
    return columns | {f"load_{name}_kwh": np.ones(1) for name in ("mean", "deviation")}


def _task(preset: PresetName, step_minutes: int, target: TargetName) -> Task:
    day = 24 * 60 // step_minutes
    if preset == "patch":
        usual = patch_task(target, step_minutes, 1)
        small = replace(usual.shape, width=8, heads_count=2, layers_count=1, feed_forward=16)
        return replace(usual, shape=small)
    shape = shape_of("compact", day)
    return EnergyTask(replace(shape, width=16, layers_count=2, feed_forward=16, head_width=8))
