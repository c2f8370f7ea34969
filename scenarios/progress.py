"""How far a long piece of work is, on stderr: a bar on a terminal, else a line now and then."""

import sys
from time import monotonic
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_FIRST_LINE_S, _LINE_EVERY_S = 2.0, 30.0  # what is over by the first needs no progress


class Reporter:
    """Called after every step; a context, so that a bar goes away at the end."""

    def __init__(self, quiet: bool, counted: str = "steps") -> None:
        self.quiet = quiet
        self.counted = counted
        self.started = monotonic()
        self.next_line_s = _FIRST_LINE_S
        self.known = (0, 0.0)  # steps done and seconds gone when the first step was over
        self.bar: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar[0].stop()

    def __call__(self, work: str, done: int, total: int) -> None:
        """Tell that ``done`` of ``total`` are over; ``work`` names what they belong to."""
        if self.quiet:
            return
        if sys.stderr.isatty():
            self._draw(work, done, total)
            return
        elapsed_s = monotonic() - self.started
        first, first_s = self.known
        if not first:  # the first step may compile: its time tells nothing about the others
            self.known = (done, elapsed_s)
        elif elapsed_s >= self.next_line_s and done > first:
            self.next_line_s = elapsed_s + _LINE_EVERY_S
            left_s = (elapsed_s - first_s) * (total - done) / (done - first)
            sys.stderr.write(
                f"{work}: {done} of {total} {self.counted}, about {left_s:.0f} s left\n"
            )
            sys.stderr.flush()

    def _draw(self, work: str, done: int, total: int) -> None:
        if self.bar is None:
            from rich.console import Console  # noqa: PLC0415
            from rich.progress import Progress  # noqa: PLC0415

            bar = Progress(console=Console(stderr=True), transient=True)
            bar.start()
            self.bar = bar, bar.add_task(work, total=total)
        self.bar[0].update(self.bar[1], completed=done, description=work)
