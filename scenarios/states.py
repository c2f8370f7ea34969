"""The states of arms that are kept while they are lived, so that a run can be continued.

Each arm has two files in the folder of its tables, and a new state is written over the older one:
should a file be torn, the other still is whole. A bound, which is solved and not lived, has one
file with what was found.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, process_time

from model import snapshot
from model.bound import BoundResult
from model.community import Community
from model.snapshot import SnapshotError, TornError
from profiles import whole_files
from profiles.errors import InputError
from scenarios.build import Ground

COST_FRACTION_MAX = 0.02
"""Share of a run's processor time that its states may take."""

_WORTH_S = 1.0  # an arm that is over sooner is lived again rather than kept
_STATES = ("{}.0.state", "{}.1.state")
_FOUND, _GROUND = "{}.found", "ground.json"
_DATA = "what the run is lived on"


class DraftError(InputError):
    """What an earlier run left cannot be continued; it stays as it is."""


@dataclass(slots=True, eq=False)
class States:
    """Keeps the states of one arm, now and then."""

    folder: Path  # of the arm's tables
    arm: str
    every_s: float  # from one state to the next, longer where that would cost too much; 0: a step
    _next_place: int = 0  # of the file that is written next
    _kept_s: float = field(init=False)  # when a state was kept, or it began
    _pause_s: float = 0.0  # for the states to take no more than their share

    def __post_init__(self) -> None:
        """Begin to wait."""
        self._kept_s = monotonic()

    def restore(self, community: Community) -> bool:
        """Lay the newest whole state into a community that was just built, if there is one.

        Raises
        ------
        DraftError
            If it belongs to another community, or tables are missing.
        """
        known = [(_steps_in(path), place) for place, path in enumerate(self._paths)]
        for _, place in sorted((each for each in known if each[0] >= 0), reverse=True):
            try:
                snapshot.thaw(community, self._paths[place].read_bytes())
            except TornError:
                continue
            except SnapshotError as error:
                told = f"{self.folder.parent}: cannot be continued, {self.arm}: {error}"
                raise DraftError(told) from None
            self._next_place = 1 - place
            return True
        return False

    def after_step(self, community: Community) -> None:
        """Keep the state of a community if it is time to."""
        pause_s = max(self.every_s, self._pause_s) if self.every_s else 0.0
        if monotonic() - self._kept_s >= pause_s:
            self.keep(community)

    def over(self, community: Community) -> None:
        """Keep the state of a community whose run is over, unless it took no time."""
        if monotonic() - self._kept_s >= min(self.every_s, _WORTH_S):
            self.keep(community)

    def keep(self, community: Community) -> None:
        """Keep the state of a community, which is between two steps."""
        began_s = process_time()
        whole_files.write(self._paths[self._next_place], snapshot.frozen(community))
        self._next_place = 1 - self._next_place
        self._pause_s = (process_time() - began_s) / COST_FRACTION_MAX
        self._kept_s = monotonic()

    @property
    def _paths(self) -> list[Path]:
        return [self.folder / name.format(self.arm) for name in _STATES]


def solved(folder: Path, name: str, solve: Callable[[], BoundResult]) -> BoundResult:
    """Return what was found of a bound earlier, or solve it and keep what is found."""
    path = folder / _FOUND.format(name)
    if path.exists():
        try:
            known = snapshot.unpacked(path.read_bytes())
        except TornError:
            known = None
        if isinstance(known, BoundResult):
            return known
    found = solve()
    whole_files.write(path, snapshot.packed(found))
    return found


def steps_kept(folder: Path) -> int:
    """Count the steps, over all arms, that would not have to be lived again."""
    arms = {path.name.rsplit(".", 2)[0] for path in folder.glob("*.[01].state")}
    files = ([folder / name.format(arm) for name in _STATES] for arm in arms)
    return sum(max(0, *map(_steps_in, paths)) for paths in files)


def check_ground(folder: Path, shared: Ground) -> None:
    """Remember what a run is lived on, or hold it against what it was when the run began.

    Raises
    ------
    DraftError
        If meters, tariff, grid, carbon or networks say something else by now.
    """
    read = (*shared.profiles.origin.inputs, *shared.grid_inputs)
    now = {each.name: each.sha256 for each in read} | {_DATA: shared.data_sha256}
    path = folder / _GROUND
    if not path.exists():
        whole_files.write(path, json.dumps(now, indent=1).encode())
        return
    try:
        then = dict(json.loads(path.read_bytes()))
    except (TypeError, ValueError):
        raise DraftError(f"{path}: must say what the run is lived on") from None
    changed = [name for name in {**now, **then} if now.get(name) != then.get(name)]
    if changed:
        raise DraftError(f"{folder.parent}: cannot be continued, {changed[0]} has changed since")


def _steps_in(path: Path) -> int:
    """Read how many steps a state has behind it; -1 if there is none, or only a torn one."""
    try:
        with path.open("rb") as file:
            return snapshot.index_of(file)
    except (FileNotFoundError, TornError):
        return -1
