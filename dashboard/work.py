"""What takes its time, done beside the page: it stays usable, and hears how it ended."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import solara.lab

from dashboard.desk import Desk
from profiles.errors import InputError


@dataclass(frozen=True, slots=True)
class Ended:
    """How work ended."""

    value: Any = None  # what it returned
    error: Exception | None = None  # or raised
    reason: str = ""  # the same in a sentence


@dataclass(frozen=True, slots=True)
class Work:
    """Work of a page that can be started, again and again."""

    start: Callable[..., None]
    pending: bool  # whether it is under way
    ended: Ended | None  # how it ended when it last did; None if it never has

    @property
    def value(self) -> Any:  # noqa: ANN401, whatever was worked out
        """What was worked out; None if nothing was."""
        return None if self.ended is None else self.ended.value

    @property
    def reason(self) -> str:
        """Why nothing was worked out; empty if something was, or nothing was tried."""
        return "" if self.ended is None else self.ended.reason


def use_work(desk: Desk, action: Callable[..., Any], needs: list[Any] | None = None) -> Work:
    """Do something in a thread: when it is started, or whenever what it ``needs`` changes."""
    task = solara.lab.use_task(
        lambda *arguments: ended(desk, action, *arguments), dependencies=needs, raise_error=False
    )
    return Work(task, task.pending, task.value if task.finished else None)


def ended(desk: Desk, action: Callable[..., Any], *arguments: Any) -> Ended:  # noqa: ANN401
    """Do something, and tell how it ended; what nobody foresaw goes to the card and the log."""
    try:
        return Ended(action(*arguments))
    except InputError as error:
        return Ended(error=error, reason=desk.without_paths(str(error)))
    except Exception as error:  # noqa: BLE001, every error ends in a sentence
        desk.tell(error)
        return Ended(error=error, reason="could not be done")
