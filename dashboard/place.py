"""Where a dashboard stands: the folder of saved runs that it may read and write, and its stores.

Solara loads the page by the name of its module, so what `dashboard.server` was started with is
kept here for the page to find.
"""

from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore

from dashboard.packs import Packs
from dashboard.uploads import Uploads

LIVES_MAX = 4  # live runs at once, over all sessions: more would only slow each other down


@dataclass(frozen=True, slots=True)
class Place:
    """What all sessions of one server share."""

    folder: Path  # of saved runs; nothing outside it is read or written for a visitor
    uploads: Uploads
    opened: str | None = None  # name of the run that a new session shows; the bundled one if None
    packs: Packs = field(default_factory=Packs)
    lives: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(LIVES_MAX))


_stands: list[Place] = []


def stand(place: Place) -> None:
    """Say where the dashboard of this process stands; once, before its server starts."""
    _stands[:] = [place]


def here() -> Place:
    """Return where the dashboard of this process stands.

    Raises
    ------
    LookupError
        If no server was started.
    """
    if not _stands:
        raise LookupError("no dashboard was started in this process")
    return _stands[-1]
