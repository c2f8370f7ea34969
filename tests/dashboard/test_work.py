"""Work ends with a value or with a sentence, never with a traceback on the page."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import work
from dashboard.desk import Desk
from dashboard.place import Place
from dashboard.uploads import Uploads
from profiles.errors import InputError


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Set a desk up on an empty folder."""
    with Uploads() as uploads:
        yield Desk(Place(tmp_path, uploads))


def _refuse(text: str) -> None:
    raise InputError(text)


def test_a_value_is_handed_on(desk: Desk) -> None:
    found = work.ended(desk, lambda one, other: one + other, 1, 2)
    assert (found.value, found.error, found.reason) == (3, None, "")


def test_what_is_refused_is_told_without_where_things_lie(desk: Desk, tmp_path: Path) -> None:
    found = work.ended(desk, _refuse, f"{tmp_path}/sim_1/summary.json: is missing")
    assert found.reason == "sim_1/summary.json: is missing"
    assert isinstance(found.error, InputError)
    assert desk.trouble.value is None


def test_what_nobody_foresaw_goes_to_the_card_and_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        found = work.ended(desk, lambda: 1 // 0)
    assert found.reason == "could not be done"
    assert desk.trouble.value is not None
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in desk.trouble.value
