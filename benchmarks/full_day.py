"""A day of ten homes that a large network forecasts at every step, as in `docs/planning.md`.

Run with ``python -m benchmarks.full_day [FOLDER] [KEY=VALUE ...]``: `synthetic`, one day, the arm
`market`, by the network of a folder; without one, by `full` with weights that nobody trained, which
take as long as any. Seven past forecasts a step are judged for its futures, instead of 28.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from forecasting.learned import checkpoint
from forecasting.learned.checkpoint import Checkpoint
from forecasting.learned.columns import COLUMNS
from forecasting.learned.energy import EnergyTask, shape_of
from forecasting.transformer import Transformer
from profiles.recorded.columns import APPLIANCES
from scenarios import build, load
from scenarios.arms import ARMS

PRESET, STEP_MINUTES = "full", 30
KNOBS = (
    "forecast.name=transformer",
    "forecast.transformer.precision=bf16",
    "forecast.futures.candidates_days=7",
)


def untrained(folder: Path) -> None:
    """Write a checkpoint of `full` with weights as they are drawn."""
    torch.manual_seed(0)
    task = EnergyTask(shape_of(PRESET, 24 * 60 // STEP_MINUTES))
    span_utc = np.datetime64("2000-01-01T00:00:00"), np.datetime64("2000-02-01T00:00:00")
    silent = {*APPLIANCES} - {"misc"}  # of homes without sub-meters, as those of `synthetic`
    told = np.array([column.name not in silent for column in COLUMNS])
    least = [column.spread_min for column in COLUMNS]
    scalers = {
        "columns_mean": told[None].astype(float),
        "columns_deviation": np.where(told, 1.0, least)[None],
        "load_mean_kwh": np.ones(1),
        "load_deviation_kwh": np.ones(1),
    }
    made = Checkpoint(
        task, task.network(), scalers, (1,), "nothing", *span_utc, STEP_MINUTES, PRESET,
        "consumption", {1: {}}, {},
    )  # fmt: skip
    checkpoint.save(folder, made)


def main() -> None:
    """Print how long a day, its longest step and a forecast take, and the memory."""
    settings = [each for each in sys.argv[1:] if "=" in each]
    folders = [each for each in sys.argv[1:] if "=" not in each]
    with tempfile.TemporaryDirectory() as place:
        if not folders:
            untrained(Path(place))
        chosen = f"forecast.transformer.checkpoint={(folders or [place])[0]}"
        scenario = load.load("synthetic", [*KNOBS, chosen, *settings])
        shared = build.ground(scenario)
    network = checkpoint_of(shared)
    community = build.community(scenario, ARMS["market"], shared)
    steps_s, begin_s = [], time.perf_counter()
    begin_cpu_s = time.process_time()
    community.prepare()
    prepared_s = time.process_time() - begin_cpu_s
    while not community.finished:
        begin_cpu_s = time.process_time()
        community.step()
        steps_s.append(time.process_time() - begin_cpu_s)
    clock_s = time.perf_counter() - begin_s
    memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{sum(each.numel() for each in network.parameters())} weights, "
        f"{shared.profiles.homes_count} homes, {len(steps_s)} steps: {sum(steps_s):.1f} CPU s "
        f"after {prepared_s:.1f} of preparing, {clock_s:.1f} s by the clock; the first step "
        f"{steps_s[0]:.2f} CPU s, the longest after it {max(steps_s[1:]):.2f}, "
        f"the median {np.median(steps_s):.2f}; {memory_mib:.0f} MiB"
    )


def checkpoint_of(shared: build.Ground) -> torch.nn.Module:
    """Return the network that a run asks."""
    if not isinstance(shared.predictor, Transformer):
        raise TypeError(f"{type(shared.predictor).__name__} asks no network")
    return shared.predictor.load.trained.network


if __name__ == "__main__":
    main()
