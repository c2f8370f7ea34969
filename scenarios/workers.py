"""Spreads independent pieces of work over processes, each with a Python of its own.

What comes of a piece hangs on nothing but the piece, so it is the same however many there are.
"""

import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from time import monotonic
from typing import Any, TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")
Work = Callable[[Task, Callable[[int], None]], Done]
"""Does a task, given whom to tell how many of its steps are done."""

_TELL_EVERY_S = 0.1


class WorkerError(RuntimeError):
    """A process ended without saying why, as when the system runs out of memory."""


def spread(
    work: Work[Task, Done],
    tasks: Sequence[Task],
    processes_count: int,
    told: Callable[[Task, int], None],
) -> list[Done]:
    """Do all tasks.

    Parameters
    ----------
    work : callable
        Does a task. With several processes, it, the tasks and what they give are sent from one
        to another.
    tasks : sequence
        What is to be done. Several processes begin with the last, as the last take longest.
    processes_count : int
        With 1 the tasks are done here, one after the other.
    told : callable
        Told a task and how many of its steps are done, now and then.

    Returns
    -------
    list
        What the tasks gave, in their order.

    Raises
    ------
    WorkerError
        If a process ends by itself. What a task raises is raised here. Either way, or when
        interrupted, all processes are ended first.
    """
    if processes_count == 1:
        return [work(task, partial(told, task)) for task in tasks]
    found: dict[int, Done] = {}
    places = list(range(len(tasks)))  # of what has not been handed out
    with _processes(work, processes_count) as (pipes, _):
        idle = list(pipes)
        while len(found) < len(tasks):
            while idle and places:
                place = places.pop()
                idle.pop().send((place, tasks[place]))
            ready = wait(pipes)
            for pipe in [each for each in pipes if each in ready]:
                place, steps_count, answer = _received(pipe, pipes)
                if steps_count is not None:
                    told(tasks[place], steps_count)
                    continue
                found[place] = answer
                idle.append(pipe)
    return [found[place] for place in range(len(tasks))]


def outcomes(
    work: Work[Task, Done],
    tasks: Sequence[Task],
    processes_count: int,
    told: Callable[[Task, int], None],
) -> Iterator[tuple[Task, Done | Exception]]:
    """Do all tasks, and hand over what came of each as soon as that is known.

    Parameters
    ----------
    work, tasks, told
        As of `spread`, but that the first tasks are begun first.
    processes_count : int
        With 1 the tasks are done here, one after the other, and what one raises is raised here.

    Yields
    ------
    task, answer
        What the task gave, or else the error that it raised, or `WorkerError` if its process ended
        by itself: that takes no other task along. All processes are ended with the generator.
    """
    if processes_count == 1:
        for task in tasks:
            yield task, work(task, partial(told, task))
        return
    places = deque(range(len(tasks)))
    busy: dict[Connection, int] = {}
    with _processes(work, min(processes_count, len(tasks))) as (pipes, start):
        idle = list(pipes)
        while places or busy:
            while idle and places:
                pipe, place = idle.pop(), places.popleft()
                busy[pipe] = place
                with suppress(BrokenPipeError):  # it has ended, which is noticed next
                    pipe.send((place, tasks[place]))
            for pipe in [each for each in wait(busy) if isinstance(each, Connection)]:
                answer = _answered(pipe, pipes)
                place = busy[pipe]
                if isinstance(answer, _Told):
                    told(tasks[place], answer.steps_count)
                    continue
                del busy[pipe]
                idle.append(pipe if pipe in pipes else start())
                yield tasks[place], answer


@dataclass(frozen=True, slots=True)
class _Told:
    """How many steps of a task are done."""

    steps_count: int


def _answered(pipe: Connection, pipes: dict[Connection, SpawnProcess]) -> Any:  # noqa: ANN401
    """Take a message of a process; one that has ended is given up."""
    try:
        _, steps_count, answer = pipe.recv()
    except (EOFError, ConnectionResetError):
        process = pipes.pop(pipe)
        process.join()
        pipe.close()
        return WorkerError(f"a process ended by itself (exit code {process.exitcode})")
    return answer if steps_count is None else _Told(steps_count)


@contextmanager
def _processes(
    work: Work[Task, Done], count: int
) -> Iterator[tuple[dict[Connection, SpawnProcess], Callable[[], Connection]]]:
    """Start processes, each at the other end of a pipe, and end them; more can be started."""
    context = get_context("spawn")  # Mesa forbids to fork, and so does whoever has threads
    started: dict[Connection, SpawnProcess] = {}

    def start() -> Connection:
        here, there = context.Pipe()
        process = context.Process(target=_serve, args=(there, work), daemon=True)
        with _deaf():
            process.start()
        there.close()  # so that the pipe ends with the process
        started[here] = process
        return here

    try:
        for _ in range(count):
            start()
        yield started, start
    finally:
        for pipe, process in started.items():
            process.terminate()
            process.join()
            pipe.close()


@contextmanager
def _deaf() -> Iterator[None]:
    """Start what is deaf to Ctrl-C, which a terminal tells everybody; who waits for it, ends it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # or the first start does it, and opens its ears again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _received(
    pipe: Connection, processes: dict[Connection, SpawnProcess]
) -> tuple[int, int | None, Any]:
    """Take a message of a process: of which task, and how far it is or what came of it."""
    try:
        place, steps_count, answer = pipe.recv()
    except EOFError:
        processes[pipe].join()
        code = processes[pipe].exitcode
        raise WorkerError(f"a process ended by itself (exit code {code})") from None
    if isinstance(answer, Exception):
        raise answer
    return place, steps_count, answer


def _serve(pipe: Connection, work: Work[Task, Done]) -> None:
    """Do what comes in, until whoever asks is gone."""
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            place, task = pipe.recv()
            told = _Teller(pipe, place)
            answer = _answer(work, task, told)
            told.rest()
            pipe.send((place, None, answer))


def _answer(work: Work[Task, Done], task: Task, told: "_Teller") -> Done | Exception:
    """Do a task; an error is an answer too."""
    try:
        return work(task, told)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001, it is raised again where it can be reported
        error.add_note(traceback.format_exc())
        try:
            ForkingPickler.loads(ForkingPickler.dumps(error))
        except Exception:  # noqa: BLE001, some errors cannot be sent
            return WorkerError(f"{type(error).__name__}: {error}")
        return error


class _Teller:
    """Says how far a task is, not more often than is worth it."""

    def __init__(self, pipe: Connection, place: int) -> None:
        self.pipe, self.place = pipe, place
        self.next_s = 0.0
        self.untold: int | None = None

    def __call__(self, steps_count: int) -> None:
        now_s = monotonic()
        self.untold = steps_count
        if now_s >= self.next_s:
            self.next_s = now_s + _TELL_EVERY_S
            self.rest()

    def rest(self) -> None:
        """Say what has not been said."""
        if self.untold is not None:
            self.pipe.send((self.place, self.untold, None))
            self.untold = None
