"""Shares kernels that let go of Python's lock over threads, some homes each.

A kernel decides for each home alone, so what comes out is the same however many threads there are.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import pairwise
from typing import TypeVar

Found = TypeVar("Found")

HOMES_MIN = 200
"""Fewer homes per thread are not worth starting one, which takes as long as planning for ten."""

_THREADS_COUNT: ContextVar[int] = ContextVar("threads_count", default=1)


@contextmanager
def using(threads_count: int) -> Iterator[None]:
    """Let kernels that are called within the context share so many threads; 1 outside of it."""
    token = _THREADS_COUNT.set(threads_count)
    try:
        yield
    finally:
        _THREADS_COUNT.reset(token)


def over_homes(kernel: Callable[[slice], Found], homes_count: int) -> list[Found]:
    """Call a kernel on runs of homes that follow each other, at the same time.

    Parameters
    ----------
    kernel : callable
        Given the rows of some homes, works out what is wanted of them.
    homes_count : int
        n. With few homes, or where nobody asked for threads, the kernel is called once.

    Returns
    -------
    list
        What it gave, from the first homes to the last.
    """
    count = max(1, min(_THREADS_COUNT.get(), homes_count // HOMES_MIN))
    ends = [homes_count * part // count for part in range(count + 1)]
    rows = [slice(first, end) for first, end in pairwise(ends)]
    if count == 1:
        return [kernel(rows[0])]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(kernel, rows))
