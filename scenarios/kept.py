"""What a process keeps for the next run of a batch: the homes, and what was forecast of them.

Nothing is kept unless somebody asks for it (`keeping`): a single run reads its homes once anyway.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from forecasting.forecast import Predictor
from profiles import own_files
from profiles.config import ProfilesConfig
from profiles.profiles import Profiles
from scenarios.schema import Scenario

BYTES_MAX = 256 << 20
"""Most that is kept by a process; 100 homes and a year have 30 MB. More is read each time."""

_KEPT: ContextVar["Shelf | None"] = ContextVar("kept", default=None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is read for a run."""

    config: ProfilesConfig
    step_minutes: int
    seed: int  # it counts only where homes are generated
    whole: bool  # whether appliances and sensors are among it

    @property
    def key(self) -> tuple[object, ...]:
        """Tell it from all that reads otherwise; of files, sizes and times count too."""
        drawn = self.seed if self.config.source == "synthetic" else 0
        config = self.config
        named = (config.path, config.weather_path, config.events_path)
        seen = tuple(mark for path in named if path for mark in _marks(own_files.found(path)))
        return config.model_dump_json(), self.step_minutes, drawn, self.whole, seen


class Shelf:
    """What a process keeps, the latest used last; it goes as soon as there is no room for it."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self.bytes_max = bytes_max
        self.found: OrderedDict[object, Profiles] = OrderedDict()
        self.forecaster: tuple[object, Predictor] | None = None  # the latest alone

    def take(self, key: object, read: Callable[[], Profiles]) -> Profiles:
        """Return what is kept under a key, or else read it and keep it if it fits."""
        if key not in self.found:
            self.found[key] = read()
        found = self.found[key]
        self.found.move_to_end(key)
        while self.found and sum(map(_bytes_count, self.found.values())) > self.bytes_max:
            self.found.popitem(last=False)
        return found


@contextmanager
def keeping(shelf: Shelf) -> Iterator[None]:
    """Let profiles that are read within the context be kept."""
    token = _KEPT.set(shelf)
    try:
        yield
    finally:
        _KEPT.reset(token)


def profiles(asked: Asked, read: Callable[[], Profiles]) -> Profiles:
    """Return profiles that were read before, or read them."""
    shelf = _KEPT.get()
    return read() if shelf is None else shelf.take(asked.key, read)


def predictor(asked: Asked, scenario: Scenario, make: Callable[[], Predictor]) -> Predictor:
    """Return the forecaster of the run before, if it forecast the same steps of the same homes.

    What it has worked out is what a new one would, as it is for the arms of a run, which share one.
    Networks are made anew: they may learn, and look at prices.
    """
    shelf = _KEPT.get()
    if shelf is None or scenario.forecast.name == "transformer":
        return make()
    sections = scenario.forecast, scenario.homes, scenario.run
    key = asked.key, *(section.model_dump_json() for section in sections)
    if shelf.forecaster is None or shelf.forecaster[0] != key:
        shelf.forecaster = key, make()
    return shelf.forecaster[1]


def _marks(path: Path) -> Iterator[tuple[str, int, int]]:
    """Tell by what it is seen that a file, or one of a folder, is another than before."""
    with suppress(OSError):  # whoever reads it says so
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            found = file.stat()
            yield str(file), found.st_size, found.st_mtime_ns


def _bytes_count(found: Profiles) -> int:
    series = (*found.appliances_kwh.values(), *found.weather.values(), *found.sensors.values())
    filled = () if found.filled is None else (found.filled,)
    return sum(array.nbytes for array in (found.load_kwh, found.pv_kwh, *filled, *series))
