"""A page finds where its server stands."""

from pathlib import Path

import pytest

from dashboard import place
from dashboard.place import LIVES_MAX, Place
from dashboard.uploads import Uploads


def test_a_page_finds_what_the_server_was_started_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_stands", [])
    with pytest.raises(LookupError):
        place.here()
    first, second = (Place(Path(name), Uploads()) for name in ("a", "b"))
    place.stand(first)
    place.stand(second)
    assert place.here() is second


def test_only_so_many_runs_live_at_once() -> None:
    lives = Place(Path(), Uploads()).lives
    assert [lives.acquire(blocking=False) for _ in range(LIVES_MAX + 1)] == [True] * LIVES_MAX + [
        False
    ]
