"""How long a batch takes and how much it writes, from one day of its runs that is lived to see."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from scenarios import job, kept
from scenarios.batch_folder import Planned
from scenarios.job import Job

# As `compare` reckons: another process costs about four seconds of imports, and a step that plans
# takes about as long as 100 homes.
_WORKER_START_S, _STEP_AS_HOMES = 4.0, 100
_PROBES_MAX = 3

Progress = Callable[[str, int, int], None]

_TABLES = (".parquet", ".csv", ".bin")  # files that grow with the run


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a batch is expected to take."""

    seconds: float  # by the clock, with so many processes
    processes_count: int
    bytes_count: int
    probed: tuple[int, ...]  # numbers of the runs of which a day was lived

    def told(self) -> dict[str, object]:
        """Give it as it stands in JSON."""
        return {
            "seconds": round(self.seconds, 1),
            "processes_count": self.processes_count,
            "bytes_count": self.bytes_count,
            "measured_on_a_day_of_runs": list(self.probed),
        }

    def text(self) -> str:
        """Say it in a line."""
        numbers = ", ".join(map(str, self.probed))
        processes = (
            "1 process" if self.processes_count == 1 else f"{self.processes_count} processes"
        )
        return (
            f"about {_duration(self.seconds)} with {processes}, {_size(self.bytes_count)}; "
            f"measured on a day of run {numbers}"
        )


@dataclass(frozen=True, slots=True)
class _Probe:
    """What a day of a run took."""

    steps_count: int
    homes_count: int
    fixed_seconds: float  # to set up and to write, whatever is lived
    lived_seconds: float
    fixed_bytes: int
    grown_bytes: int


def estimate(
    runs: Sequence[Planned], processes_count: int, progress: Progress | None = None
) -> Estimate:
    """Live a day of the first run of each scenario, and reckon the others by steps and homes.

    Parameters
    ----------
    runs : sequence of Planned
        Of a batch.
    processes_count : int
        How many are to make them.
    progress : callable, optional
        As of `compare.compare`.
    """
    kinds: dict[str, Planned] = {}
    for run in runs:
        if len(kinds) < _PROBES_MAX:
            kinds.setdefault(_kind(run), run)
    shares = len({_homes(run) for run in runs}) < len(runs)  # whether homes are read once for many
    probes = {kind: _probe(run, progress, shares=shares) for kind, run in kinds.items()}
    *_, other = probes.values()
    seconds, bytes_count = 0.0, 0
    for run in runs:
        took = probes.get(_kind(run), other)
        work = _work(run.steps_count, run.homes_count) / _work(took.steps_count, took.homes_count)
        rows = run.steps_count * run.homes_count / (took.steps_count * took.homes_count)
        seconds += took.fixed_seconds + took.lived_seconds * work
        bytes_count += round(took.fixed_bytes + took.grown_bytes * rows)
    count = min(processes_count, len(runs))
    start_s = _WORKER_START_S if count > 1 else 0.0
    numbers = tuple(run.number for run in kinds.values())
    return Estimate(start_s + seconds / count, count, bytes_count, numbers)


def _kind(run: Planned) -> str:
    """Tell runs apart that may take quite another time for a step of a home."""
    scenario = run.job.scenario
    knobs = scenario.forecast, scenario.strategy, scenario.market.mechanism, scenario.federated
    return json.dumps([scenario.name, *map(str, knobs)])


def _work(steps_count: int, homes_count: int) -> float:
    """Reckon what steps take, each about as long as planning for some homes."""
    return steps_count * (homes_count + _STEP_AS_HOMES)


def _homes(run: Planned) -> str:
    """Tell apart from what homes are read."""
    config = run.job.scenario.profiles
    return f"{config} {run.seed if config.source == 'synthetic' else ''}"


def _probe(run: Planned, progress: Progress | None, *, shares: bool) -> _Probe:
    """Live a day of a run twice: kernels are loaded, and homes read, in the first."""
    days = run.job.scenario.run.days
    day = run.job.scenario.run.model_copy(update={"days": 1})
    scenario = run.job.scenario.model_copy(update={"run": day})
    short = run.job.model_copy(update={"scenario": scenario})
    with TemporaryDirectory(prefix="commonwatt-") as name:
        first, second = Path(name, "first"), Path(name, "second")
        with kept.keeping(kept.Shelf() if shares else kept.Shelf(bytes_max=0)):
            _timed(short, first, progress)
            fixed_s, lived_s = _timed(short, second, progress)
        sizes = {file.name: file.stat().st_size for file in second.iterdir()}
    grown = sum(size for file, size in sizes.items() if file.endswith(_TABLES))
    steps_count, fixed_bytes = run.steps_count // days, sum(sizes.values()) - grown
    return _Probe(steps_count, run.homes_count, fixed_s, lived_s, fixed_bytes, grown)


def _timed(short: Job, folder: Path, progress: Progress | None) -> tuple[float, float]:
    """Make a run; return the seconds that it took beside living, and for living."""
    stamps: list[float] = []

    def told(name: str, done: int, total: int) -> None:
        stamps.append(monotonic())
        if progress is not None:
            progress(f"trying {name}", done, total)

    began_s = monotonic()
    job.execute(short, folder, told)
    lived_s = stamps[-1] - stamps[0] if stamps else 0.0
    return monotonic() - began_s - lived_s, lived_s


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _size(bytes_count: int) -> str:
    for unit, scale in (("kB", 1e3), ("MB", 1e6)):
        if bytes_count < 1000 * scale:
            return f"{bytes_count / scale:.0f} {unit}"
    return f"{bytes_count / 1e9:.1f} GB"
