"""Stored runs that reports are made of: two tariffs over three days, and a batch of three seeds."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scenarios import compare, store
from scenarios.load import load
from scenarios.reporting import folders
from scenarios.reporting.folders import Collection

ARMS = ("gross", "grid_only", "self_use", "plan_alone", "market", "bound")
PRICE = "tariff.export_cents_per_kwh"
QUICK = (
    *("homes.count=4", "run.days=3", "forecast.samples_count=2", "forecast.horizon_hours=12"),
    *("carbon.name=caiso_pge", "carbon.repeat_year=weekday"),
)


def _stored(out: Path, settings: tuple[str, ...]) -> Path:
    return store.save(compare.compare(load("fontana_mixed", (*QUICK, *settings)), ARMS), out)


@pytest.fixture(scope="session")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Store the same days under two tariffs; names of folders hold markup."""
    out = tmp_path_factory.mktemp("runs")
    one = _stored(out, ()).rename(out / "plain")
    two = _stored(out, ("tariff.name=two_level", "tariff.export_cents_per_kwh=7"))
    return one, two.rename(out / "<b>cheap & free")


@pytest.fixture(scope="session")
def outage_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Store three days, of which the second has no main grid from 16:00 to 20:00."""
    settings = ("grid.outage_start=2017-07-02T16:00", "grid.outage_hours=4")
    return _stored(tmp_path_factory.mktemp("outage"), settings)


@pytest.fixture(scope="session")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay out a batch by hand: two prices, each with two seeds of generated homes; one failed."""
    folder = tmp_path_factory.mktemp("out") / "batch_20260101_000000"
    (folder / "runs").mkdir(parents=True)
    (folder / "failed").mkdir()
    planned = {"runs": [{"number": number} for number in range(1, 6)]}
    (folder / "batch.json").write_text(json.dumps(planned), encoding="utf-8")
    knobs = ("run.days=1", "profiles.synthetic.homes_count=2", "carbon.name=none")
    for number, (price, seed) in enumerate(((5.0, 1), (5.0, 2), (9.0, 1), (9.0, 2)), 1):
        typed = (*knobs, "carbon.repeat_year=none", f"{PRICE}={price}", f"seed={seed}")
        lived = compare.compare(load("synthetic", typed), ["grid_only", "self_use"])
        made = store.save(lived, folder / "runs")
        made.rename(folder / "runs" / f"{number:05d}")
    failed = {"problem": "law <script>alert(1)</script> was broken"}
    (folder / "failed" / "00005.json").write_text(json.dumps(failed), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def collection(two_runs: tuple[Path, Path]) -> Collection:
    """Read the two runs."""
    return folders.collected(two_runs)


@pytest.fixture
def copied(two_runs: tuple[Path, Path], tmp_path: Path) -> Callable[[str], Path]:
    """Copy the first run, to be damaged."""
    return lambda name: Path(shutil.copytree(two_runs[0], tmp_path / name))
