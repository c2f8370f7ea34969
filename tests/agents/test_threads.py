"""Kernels that share the homes out."""

import threading

import numpy as np
import pytest

from agents import threads


@pytest.mark.parametrize(
    ("homes_count", "threads_count", "parts_count"),
    [
        (0, 4, 1),
        (1, 4, 1),
        (399, 4, 1),  # 200 homes are the least that pay
        (400, 4, 2),
        (401, 2, 2),
        (1001, 3, 3),
        (10_000, 1, 1),
    ],
)
def test_every_home_is_worked_on_once_and_in_order(
    homes_count: int, threads_count: int, parts_count: int
) -> None:
    with threads.using(threads_count):
        parts = threads.over_homes(lambda rows: np.arange(homes_count)[rows], homes_count)
    assert len(parts) == parts_count
    assert np.concatenate(parts).tolist() == list(range(homes_count))
    sizes = [part.size for part in parts]
    assert max(sizes) - min(sizes) <= 1


def test_parts_are_worked_on_at_the_same_time() -> None:
    """Each waits for the other: one after the other they would wait for good."""
    together = threading.Barrier(2, timeout=60)
    with threads.using(2):
        assert len(threads.over_homes(lambda _: together.wait(), 400)) == 2


def test_threads_are_used_only_where_they_were_asked_for() -> None:
    def workers_count() -> int:
        return len(threads.over_homes(lambda _: None, 10_000))

    assert workers_count() == 1
    with threads.using(3):
        assert workers_count() == 3
        with threads.using(2):
            assert workers_count() == 2
        assert workers_count() == 3
    assert workers_count() == 1


def test_an_error_in_a_thread_is_raised() -> None:
    def fail(rows: slice) -> None:
        if rows.start:
            raise ZeroDivisionError

    with threads.using(2), pytest.raises(ZeroDivisionError):
        threads.over_homes(fail, 400)
