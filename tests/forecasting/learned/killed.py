"""Trains a tiny network again and again, each time killed at another moment and then gone on with.

`python -m tests.forecasting.learned.killed FOLDER [federate]` prints how many trainings were killed
and which of them ended with other weights than one that was left alone. Each training is a child of
its own and is ended by SIGKILL, in the middle of a write too.
"""

import os
import random
import signal
import stat
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import torch

from forecasting.federated.config import FederatedConfig
from forecasting.federated.offline import federate
from forecasting.learned import durable
from forecasting.learned.state import Keeper
from forecasting.learned.training import train
from profiles import whole_files
from tests.forecasting.learned import tiny

TOGETHER = sys.argv[2:] == ["federate"]
STEPS = (1, 2, 3, 5) if TOGETHER else (1, 4, 11, 20)
FILES, DELAYS = (1, 4, 5, 10), 4
KNOBS = FederatedConfig(rounds_count=5, windows_per_round=40, batch_windows=16, norm_max_fraction=9)
MOMENTS = ("half written", "unnamed", "named")


def _at_step(last: int) -> Callable[[str, int, int], None]:
    def told(_: str, done: int, __: int) -> None:
        if done == last:
            os.kill(os.getpid(), signal.SIGKILL)

    return told


def _at_file(last: int, moment: str) -> None:
    """Kill the process at one of the ten files, before or after it has its name."""
    fsync, files = os.fsync, 0

    def killed(descriptor: int) -> None:
        nonlocal files
        is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)  # else the folder, in the end
        files += is_file
        if files == last and is_file == (moment != "named"):
            if moment == "half written":
                os.truncate(descriptor, os.fstat(descriptor).st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        fsync(descriptor)

    whole_files.os.fsync = killed  # type: ignore[assignment]


def _child(work: Callable[[], object], delay_s: float | None = None) -> bool:
    """Do something in a child; return whether it was killed."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    if delay_s is not None:
        time.sleep(delay_s)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def _trained(folder: Path, told: Callable[[str, int, int], None] = lambda *_: None) -> None:
    """Train, or go on, and leave the weights behind."""
    keeper = Keeper(folder / "training", {"seed": 5})
    if TOGETHER:
        trained = federate(tiny.lesson(), KNOBS, keeper, told)
    else:
        trained = train(tiny.lesson(), keeper, told)
    (folder / "weights").write_bytes(
        durable.packed(trained.weights) + repr(trained.epochs).encode()
    )


def _warm() -> None:
    """Take a step, which loads what children would else have to load, each for itself."""
    weight = torch.zeros(1)
    weight.grad = torch.ones(1)
    torch.optim.AdamW([weight]).step()


def _tried(folder: Path) -> tuple[int, list[str]]:
    _warm()
    (folder / "whole").mkdir()
    _child(lambda: _trained(folder / "whole"))
    wanted, killed, wrong = (folder / "whole" / "weights").read_bytes(), 0, []

    def attempt(name: str, work: Callable[[Path], object], delay_s: float | None = None) -> None:
        nonlocal killed
        place = folder / name
        place.mkdir()
        killed += _child(lambda: work(place), delay_s)
        _child(lambda: _trained(place))
        if (place / "weights").read_bytes() != wanted:
            wrong.append(name)

    for step in STEPS:
        attempt(f"step {step}", lambda place, step=step: _trained(place, _at_step(step)))
    for at in product(FILES, MOMENTS):
        attempt(f"file {at}", lambda place, at=at: (_at_file(*at), _trained(place)))
    for number in range(DELAYS):
        attempt(f"delay {number}", _trained, random.uniform(0.0, 0.15))  # noqa: S311, no secret
    return killed, wrong


if __name__ == "__main__":
    sys.stdout.write(f"{_tried(Path(sys.argv[1]))}\n")
