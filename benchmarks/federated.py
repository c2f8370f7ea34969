"""Learning together: strategies side by side, homes up to no good, rounds within a run.

    python -m benchmarks.federated LONDON [--out FOLDER] [PART ...]

LONDON is the file of `benchmarks.london`. Parts, all where none is named: `strategies`, `broken`,
`turned`, `cold`, `gain`, `day`, `drops`. Every row is kept in a file of the folder as soon as it is
there, and what is kept is not computed again. One thread.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from benchmarks import federated_stages as stages
from benchmarks.federated_stages import Damage, Stage, Wrap
from forecasting.federated.learners import Learners
from forecasting.learned import checkpoint
from forecasting.transformer import Transformer
from model import metrics
from scenarios import build, evaluating, federating, load
from scenarios.arms import ARMS

Figures = dict[str, Any]
Row = tuple[str, Callable[[], Figures]]

STRATEGIES = ("FedAvg", "FedProx", "FedAvgM", "FedAdam")
SOME = "federated.rounds_count=8", "federated.windows_per_round=640"
"""Of 20 homes ten at a time: 10.7 % of the windows of a training as by default."""

BEARING = ("FedAvg", "FedTrimmedAvg", "FedMedian", "Krum")
FEW = "federated.rounds_count=6", "federated.windows_per_round=160"
"""Of ten homes all: one, two and three of them are 10, 20 and 30 %."""

BROKEN: Mapping[str, Damage] = MappingProxyType(
    {"NaN": stages.not_finite, "shapes": stages.other_shapes, "norm": stages.huge}
)

COLD = "training.train_from=2013-10-04", "training.validation_days=7"
BRIEF = "federated.rounds_count=50", "federated.windows_per_round=320"
COLD_RUNGS = "slot_mean_7", "slot_median_7", "ridge_home"

SPANS = (("fontana_mixed", "2017-07-01", 14), ("fontana_mixed", "2017-01-10", 14))
EVERY_STEPS = 6  # between the origins by which forecasts of a run are judged
LEARNING = ("forecast.name=transformer", "federated.enabled=true")


def main() -> None:
    """Print every row as it comes, and those that came before."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("london", type=Path, metavar="LONDON")
    parser.add_argument("--out", type=Path, default=Path("results/federated"))
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    asked = parser.parse_intermixed_args()
    torch.set_num_threads(1)
    asked.out.mkdir(parents=True, exist_ok=True)
    for part in asked.parts or PARTS:
        kept_at = asked.out / f"{part}.json"
        kept = json.loads(kept_at.read_text("utf-8")) if kept_at.exists() else {}
        for name, compute in PARTS[part](asked.london, asked.out):
            if name not in kept:
                kept[name] = compute()
                kept_at.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
            print(f"{part}: {name}: {stages.told(kept[name])}", flush=True)


def strategies(london: Path, _: Path) -> Iterator[Row]:
    """Train with each strategy, as often and as long."""
    for name in STRATEGIES:
        yield name, partial(_trained, london, 20, _settings(name, SOME))


def broken(london: Path, _: Path) -> Iterator[Row]:
    """Let two of ten homes send what is no update, beside the same homes being silent."""
    own, two = _settings("FedAvg", FEW, 10), _first(london, 2)
    yield "nobody is bad", partial(_trained, london, 10, own)
    yield "two are silent", partial(_trained, london, 10, own, stages.silent(two))
    for name, damage in BROKEN.items():
        wrap = stages.damaged(two, damage)
        yield f"two send {name}", partial(_trained, london, 10, own, wrap)


def turned(london: Path, _: Path) -> Iterator[Row]:
    """Let some of ten homes send the opposite of what they found, once and three times as long."""
    for name in BEARING:
        own = _settings(name, FEW, 10)
        yield f"{name}, 0", partial(_trained, london, 10, own)
        for times in (1.0, 3.0):
            for count in (1, 2, 3):
                wrap = stages.damaged(_first(london, count), stages.turned(times))
                row = f"{name}, {count} times -{times:g}"
                yield row, partial(_trained, london, 10, own, wrap)


def _settings(strategy: str, budget: tuple[str, ...], clients: int = 10) -> tuple[str, ...]:
    return f"federated.strategy={strategy}", f"federated.clients_per_round={clients}", *budget


def _first(london: Path, count: int) -> frozenset[int]:
    homes = stages.stage(london, count).lesson.record.profiles
    return frozenset(homes.home_ids.tolist())


def _trained(
    london: Path, homes_count: int, settings: tuple[str, ...], wrap: Wrap | None = None
) -> Figures:
    where: Stage = stages.stage(london, homes_count, *settings)
    weights, rounds, spent = stages.trained(where, *([] if wrap is None else [wrap]))
    refused = sorted({each.refused for each in rounds if each.refused})
    checksum = float(sum(each.double().sum() for each in weights.values()))
    found = stages.rated(where, weights)
    return {**found, **spent, "checksum": repr(checksum), "why": "; ".join(refused)}


def cold(london: Path, out: Path) -> Iterator[Row]:
    """Give homes of 28 days what others learned in nine months, or let each learn alone."""
    yield "every sixth home, 28 days", partial(_cold, london, out)


def _cold(london: Path, out: Path) -> Figures:
    held, others = stages.split(london, out)
    begun, network = process_time(), out / "others"
    if not (network / checkpoint.DESCRIPTION).exists():
        settings = [f"profiles.path={others}", *BRIEF]
        federating.run(("london", settings, {}, []), network, quiet=True)
    trained_s = process_time() - begun
    asked = evaluating.Asked(
        checkpoints=(network,), rungs=COLD_RUNGS, tuned=True, compared=("local",)
    )
    settings = [f"profiles.path={held}", *COLD]
    found, _ = evaluating.run(("london", settings, {"--days": 30}, []), asked, out, quiet=True)
    rated = {f"{row.name} {row.loss}": [row.rmse.mean, row.mase_day.mean] for row in found.rows}
    return {**rated, "federate_cpu_seconds": trained_s}


def gain(*_: Path) -> Iterator[Row]:
    """Forecast spans of a run with and without rounds, from the same network."""
    for name, start, days in SPANS:
        for learns in (False, True):
            row = f"{name}, {days} days from {start}, {'rounds' if learns else 'none'}"
            yield row, partial(_forecast, name, start, days, learns=learns)


def _forecast(name: str, start: str, days: int, *, learns: bool) -> Figures:
    """Rate day-ahead forecasts of a run's steps, each by the network of its time."""
    scenario = load.load(name, LEARNING, {"--start": start, "--days": days})
    shared = build.ground(scenario)
    profiles, first = shared.profiles, shared.first_step
    if not isinstance(shared.predictor, Transformer):
        raise TypeError(f"{type(shared.predictor).__name__} asks no network")
    began, knobs = process_time(), scenario.federated
    place = profiles.home_ids.tolist(), scenario.seed, first
    learners = Learners(shared.predictor, knobs, *place)
    day, said, rounds = profiles.steps_per_day, [], []
    for step in range(shared.steps_count - day):
        seen = profiles.until(first + step)
        if step % EVERY_STEPS == 0:
            found = learners.forecaster.load.said(seen, seen.steps_count - 1)
            assert found is not None  # noqa: S101, a year was metered before
            said.append((first + step + 1, found[0]))
        if learns and (step + 1) % knobs.round_steps == 0:
            homes = {
                home_id: lambda order, home_id=home_id, seen=seen: learners.residents[
                    home_id
                ].train(order, seen.select([home_id]))
                for home_id in learners.residents
            }
            rounds.append(learners.federation.round(step, homes))
            learners.adopt(step, rounds[-1])
    came = np.stack([profiles.load_kwh[at : at + day].T for at, _ in said])  # (k, n, H)
    off = np.stack([each.mean_kwh[:, :day] for _, each in said]) - came
    return {
        "rmse": float(np.sqrt((off**2).mean(axis=(0, 2))).mean()),
        "mae": float(np.abs(off).mean()),
        "rmse_sum": float(np.sqrt((off.sum(axis=1) ** 2).mean())),
        "bias": float(off.mean() / came.mean()),
        "rmse_late": float(np.sqrt((off[len(off) // 2 :] ** 2).mean(axis=(0, 2))).mean()),
        "rounds": len(rounds),
        "cpu_seconds": process_time() - began,
    }


def day(*_: Path) -> Iterator[Row]:
    """Live a day of ten homes, and two weeks of nine, with and without rounds."""
    weeks = {"--start": "2017-07-01", "--days": 14}
    for name, options in (("synthetic", {}), ("fontana_mixed", weeks)):
        for learns in (False, True):
            row = f"{name}, {'rounds' if learns else 'none'}"
            settings = LEARNING if learns else LEARNING[:1]
            yield row, partial(_lived, name, settings, options)


def drops(*_: Path) -> Iterator[Row]:
    """Live a day in which every home asked fails to answer every other time."""
    half = *LEARNING, "federated.dropout_fraction=0.5"
    yield "half drop out", partial(_lived, "synthetic", half, {})
    masked = *half, "federated.privacy.secure=true"
    yield "half drop out of masked rounds", partial(_lived, "synthetic", masked, {})


def _lived(name: str, settings: tuple[str, ...], options: Mapping[str, Any]) -> Figures:
    """Live a run in the arm `market`, from reading to results."""
    began, clock = process_time(), perf_counter()
    scenario = load.load(name, settings, options)
    shared = build.ground(scenario)
    community = build.community(scenario, ARMS["market"], shared)
    steps = 0
    while not community.finished:
        community.step()
        steps += 1
    rounds = community.rounds
    return {
        "cost_usd": metrics.cost_usd(community.results()),
        "steps": steps,
        "homes": shared.profiles.homes_count,
        "rounds": len(rounds),
        "changed": sum(each.changed for each in rounds),
        "asked": sum(each.asked_count for each in rounds),
        "dropped": sum(each.dropped_count for each in rounds),
        "taken": sum(each.participants_count for each in rounds),
        "cpu_seconds": process_time() - began,
        "clock_seconds": perf_counter() - clock,
    }


PARTS: Mapping[str, Callable[[Path, Path], Iterator[Row]]] = MappingProxyType(
    {
        "strategies": strategies,
        "broken": broken,
        "turned": turned,
        "cold": cold,
        "gain": gain,
        "day": day,
        "drops": drops,
    }
)


if __name__ == "__main__":
    main()
