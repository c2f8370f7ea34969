"""The runs that were saved below a folder: listed, found by name, two of them side by side.

Whoever asks for a run by name gets one of those listed or a refusal; no link is followed, and a
damaged run is listed as such.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from profiles.errors import InputError, shown
from scenarios import stage, stored
from scenarios.batch_folder import is_batch
from scenarios.summary import Summary

JSON_BYTES_MAX = 16 << 20
"""A run whose summary or manifest is longer is listed without its figures."""
NAME_LENGTH_MAX = 100

_MARKS = ("DONE", "manifest.json", "params.json", "summary.json")  # one of them makes a run
_NAME = re.compile(r"[\w()+,=@~-]([\w .()+,=@~-]*[\w()+,=@~-])?")
_MARKS_OF_NAMES = "_.()+,=@~-"
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A folder of results. Of one that is not whole only name and problem are known."""

    name: str
    problem: str = ""  # in words; empty if the run is whole
    written_utc: datetime | None = None  # when it was finished
    scenario: str = ""
    start_local: str = ""
    days: float = 0.0
    homes_count: int = 0
    seed: int = 0
    cost_usd: dict[str, float] = field(default_factory=dict)  # by arm
    saved_fraction: float | None = None  # by the market, of the cost of grid_only
    captured_fraction: float | None = None  # of what was possible

    @property
    def finished(self) -> bool:
        """Whether it is a whole run, whose figures are known."""
        return not self.problem

    @property
    def title(self) -> str:
        """Say in a line what was run."""
        if not self.finished:
            return self.name
        return stage.title(self.scenario, self.homes_count, self.days, self.start_local)


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """One figure of two runs; None where a run does not have it."""

    name: str
    unit: str
    first: float | None
    second: float | None

    @property
    def difference(self) -> float | None:
        """The second less the first, where both are there."""
        if self.first is None or self.second is None:
            return None
        return self.second - self.first


def saved_runs(folder: Path) -> list[SavedRun]:
    """List the runs below a folder, the newest first, those that are not whole last.

    Summaries and manifests are read, no tables; a folder that does not exist holds no run.
    """
    found = [_saved(path) for path in _runs(folder)]
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda run: (run.written_utc or oldest, run.name), reverse=True)


def names(folder: Path) -> list[str]:
    """List the names of the runs below a folder, whole or not; no file of theirs is read."""
    return [path.name for path in _runs(folder)]


def check_listed(path: Path) -> None:
    """Refuse the folder of a run whose name keeps it from being listed.

    Raises
    ------
    InputError
        With the folder, and what its name may hold.
    """
    if not _plain(path.name):
        limit = f"a run is listed by a name of letters, digits, spaces and {_MARKS_OF_NAMES}"
        raise InputError(f"{path}: {limit}, at most {NAME_LENGTH_MAX}; give it such a name")


def resolve(folder: Path, name: str) -> Path:
    """Return the folder of a run.

    Parameters
    ----------
    folder : Path
        In which runs are saved.
    name : str
        As in `saved_runs`; nothing else is found, whatever path it spells.

    Raises
    ------
    InputError
        If there is no run of that name.
    """
    if name in names(folder):
        return folder / name
    raise InputError(f"run: must be one of those that are listed (got {shown(name)})")


def figures(folder: Path, name: str) -> Summary:
    """Read what a run tells.

    Raises
    ------
    InputError
        If there is no run of that name, or it is not whole.
    """
    path = resolve(folder, name)
    stored.manifest(path, JSON_BYTES_MAX)
    return stored.summary(path, JSON_BYTES_MAX)


def compare_runs(first: Summary, second: Summary) -> list[ComparedFigure]:
    """Lay the figures of two runs side by side."""
    one, other = dict(_figures(first)), dict(_figures(second))
    rows = [*one, *(row for row in other if row not in one)]
    return [ComparedFigure(*row, one.get(row), other.get(row)) for row in rows]


def _figures(told: Summary) -> Iterator[tuple[tuple[str, str], float | None]]:
    """Name the figures of a run, each with its unit."""
    yield ("homes", "1"), told.homes_count
    yield ("days", "days"), told.days
    for arm, measures in told.arms.items():
        yield (f"cost of {arm}", "USD"), measures.cost_usd
    for bound, found in told.bounds.items():
        yield (f"cost of {bound}", "USD"), found.cost_usd
    savings = told.savings
    if savings is not None:
        yield ("saved against grid_only", "1"), savings.market_vs_grid_only_fraction
        yield ("saved against self_use", "1"), savings.market_vs_self_use_fraction
        yield ("saved against plan_alone", "1"), savings.trading_vs_plan_alone_fraction
        yield ("captured of the bound", "1"), savings.captured_of_bound_fraction
        yield ("trading captured of the bound", "1"), savings.trading_captured_fraction
        yield ("worst home's gain", "USD/day"), savings.worst_home_gain_usd_per_day
        yield ("mean home's gain", "USD/day"), savings.mean_home_gain_usd_per_day
        yield ("homes worse off", "1"), savings.homes_worse_off_count
        yield ("fairness of gains", "1"), savings.jain_fairness
    for arm, measures in told.arms.items():
        yield (f"traded in {arm}", "kWh"), measures.p2p_kwh
        yield (f"import in {arm}", "kWh"), measures.import_kwh
        yield (f"export in {arm}", "kWh"), measures.export_kwh
        yield (f"highest import in {arm}", "kW"), measures.peak_import_kw
        yield (f"import at peak in {arm}", "kWh"), measures.peak_window_import_kwh
        yield (f"carbon dioxide of {arm}", "kg"), measures.carbon_kg


def _runs(folder: Path) -> list[Path]:
    """List the folders that are runs, whole or not; links are passed over."""
    try:
        with os.scandir(folder) as entries:
            found = [
                entry.name
                for entry in entries
                if _plain(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []
    paths = [folder / name for name in sorted(found)]
    return [
        path
        for path in paths
        if any(os.path.lexists(path / mark) for mark in _MARKS) and not is_batch(path)
    ]


def _plain(name: str) -> bool:
    """Whether a name is one that every system takes for a folder's, and nothing else."""
    short = len(name) <= NAME_LENGTH_MAX
    return short and bool(_NAME.fullmatch(name)) and not _DEVICE.fullmatch(name)


def _saved(path: Path) -> SavedRun:
    try:
        stored.manifest(path, JSON_BYTES_MAX)
        told = stored.summary(path, JSON_BYTES_MAX)
        written_utc = datetime.fromtimestamp((path / "DONE").lstat().st_mtime, UTC)
    except InputError as error:
        return SavedRun(path.name, str(error).removeprefix(f"{path.name}/"))
    except (
        OSError,
        ValueError,
        OverflowError,
    ) as error:  # it went away, or its time is none
        return SavedRun(path.name, f"cannot be read ({type(error).__name__})")
    savings = told.savings
    return SavedRun(
        name=path.name,
        written_utc=written_utc,
        scenario=told.scenario,
        start_local=told.start_local,
        days=told.days,
        homes_count=told.homes_count,
        seed=told.seed,
        cost_usd={arm: measures.cost_usd for arm, measures in told.arms.items()},
        saved_fraction=None if savings is None else savings.market_vs_grid_only_fraction,
        captured_fraction=None if savings is None else savings.captured_of_bound_fraction,
    )
