"""Profiles that were read, kept for the next run of a batch that is to be made on the same.

Nothing is kept unless somebody asks for it (`keeping`): a single run reads its homes once anyway.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from profiles.config import ProfilesConfig
from profiles.profiles import Profiles

BYTES_MAX = 256 << 20
"""Most that is kept by a process; 100 homes and a year have 30 MB. More is read each time."""

Asked = tuple[ProfilesConfig, int, int]
"""Section, length of a step [min] and seed, as `profiles.sources.read` takes them."""

_KEPT: ContextVar["Shelf | None"] = ContextVar("kept", default=None)


class Shelf:
    """What a process keeps, the latest used last; it goes as soon as there is no room for it."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self.bytes_max = bytes_max
        self.found: OrderedDict[object, Profiles] = OrderedDict()

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


def profiles(asked: Asked, whole: bool, read: Callable[[], Profiles]) -> Profiles:
    """Return profiles that were read before, or read them.

    Parameters
    ----------
    asked : tuple
        What is read. The seed counts only where homes are generated; of files, their sizes and
        times count too.
    whole : bool
        Whether appliances and sensors are among them.
    read : callable
        Reads them.
    """
    shelf = _KEPT.get()
    if shelf is None:
        return read()
    config, step_minutes, seed = asked
    drawn = seed if config.source == "synthetic" else 0
    named = [path for path in (config.path, config.weather_path) if path is not None]
    seen = tuple(mark for path in named for mark in _marks(Path(path)))
    return shelf.take((config.model_dump_json(), step_minutes, drawn, whole, seen), read)


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
