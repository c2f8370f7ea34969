"""Work that is spread over processes."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing import active_children

import pytest

from scenarios.workers import WorkerError, outcomes, spread

Told = Callable[[int], None]


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    yield
    assert active_children() == []


def _tripled(task: int, told: Told) -> tuple[int, int]:
    for done in range(1, task + 1):
        told(done)
    return 3 * task, os.getpid()


def _without_the_second(task: int, _told: Told) -> int:
    if task == 2:
        raise FileNotFoundError(2, "No such file", "two.csv")
    return task


def _unsendable(_task: int, _told: Told) -> None:
    raise KeyError(threading.Lock())


def _gone(_task: int, _told: Told) -> None:
    os._exit(3)


def test_one_process_does_the_tasks_here_one_after_the_other() -> None:
    told: list[tuple[int, int]] = []
    assert spread(_tripled, [2, 1], 1, lambda *step: told.append(step)) == [
        (6, os.getpid()),
        (3, os.getpid()),
    ]
    assert told == [(2, 1), (2, 2), (1, 1)]


def test_several_processes_give_the_same_in_the_same_order() -> None:
    told: list[tuple[int, int]] = []
    found = spread(_tripled, [2, 1, 4, 3], 2, lambda *step: told.append(step))
    assert [tripled for tripled, _ in found] == [6, 3, 12, 9]
    processes = {process for _, process in found}
    assert len(processes) in {1, 2}  # one may be done before the other has started
    assert os.getpid() not in processes
    assert {(task, done) for task, done in told if done == 1} == {(k, 1) for k in (2, 1, 4, 3)}
    assert dict(told) == {k: k for k in (2, 1, 4, 3)}  # the end of each is told last


def test_an_error_is_raised_here_and_says_where_it_arose() -> None:
    with pytest.raises(FileNotFoundError, match=r"two\.csv") as failure:
        spread(_without_the_second, [1, 2, 3], 2, lambda *_: None)
    assert failure.value.errno == 2
    assert "in _without_the_second" in failure.value.__notes__[0]


def test_an_error_that_cannot_be_sent_is_named() -> None:
    with pytest.raises(WorkerError, match=r"KeyError: <unlocked _thread\.lock"):
        spread(_unsendable, [1], 2, lambda *_: None)


def test_a_process_that_is_killed_is_noticed() -> None:
    with pytest.raises(WorkerError, match=r"ended by itself \(exit code 3\)"):
        spread(_gone, [1, 2], 2, lambda *_: None)


def test_whoever_stops_listening_ends_the_processes() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spread(_tripled, [10**9, 10**9], 2, interrupt)


def _gone_or_wrong(task: int, told: Told) -> int:
    told(task)
    if task == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    if task == 3:
        raise FileNotFoundError(2, "No such file", "three.csv")
    return 3 * task


def test_what_came_of_each_task_is_handed_over_and_a_death_takes_no_other_along() -> None:
    told: list[tuple[int, int]] = []
    found = dict(outcomes(_gone_or_wrong, [1, 2, 3, 4], 2, lambda *step: told.append(step)))
    assert (found[1], found[4]) == (3, 12)
    assert isinstance(found[2], WorkerError)
    assert str(found[2]) == "a process ended by itself (exit code -9)"
    assert isinstance(found[3], FileNotFoundError)
    assert {(task, task) for task in (1, 3, 4)} <= set(told)


def test_one_process_hands_over_here_task_by_task() -> None:
    found = outcomes(_tripled, [2, 1], 1, lambda *_: None)
    assert next(found) == (2, (6, os.getpid()))
    assert list(found) == [(1, (3, os.getpid()))]


def test_processes_end_with_whoever_asks_no_more() -> None:
    found = outcomes(_tripled, [1, 2, 3], 2, lambda *_: None)
    next(found)
    found.close()
