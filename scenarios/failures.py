"""What went wrong, in one line for the person who typed a command."""

from collections.abc import Callable
from typing import TypeVar

from forecasting.learned.errors import TrainingError
from model.checks import LawError
from profiles.errors import FitError, InputError

Done = TypeVar("Done")


class StoppedError(RuntimeError):
    """A batch ended early; the message is one line that says how to go on.

    ``run.py`` prints it and exits with ``exit_code``.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


_LOOKED_UP = ("carbon.", "forecast.", "tariff.")  # sections that name what is elsewhere


def told(error: Exception) -> tuple[bool, str]:
    """Say whether what was typed is to blame, and what went wrong, in one line.

    Parameters
    ----------
    error : Exception
        Anything that ended a command.
    """
    usage = getattr(error, "format_message", None)  # what was typed is no command
    refused = usage is not None or isinstance(error, InputError)
    if refused:
        text = usage() if usage is not None else str(error)
    elif isinstance(error, LawError):
        text = f"a law was broken: {error}"
    elif isinstance(error, TrainingError | StoppedError):
        text = str(error)
    elif isinstance(error, OSError):
        text = f"{error.filename or 'results'}: {error.strerror or error}"
    else:
        hint = "COMMONWATT_DEBUG=1 shows where"
        text = f"unexpected {type(error).__name__}: {error} ({hint})"
    return refused, " ".join(text.split())


def knobs_blamed(work: Callable[[], Done]) -> Done:
    """Do something, and put what is wrong with a knob to the knob (`FitError`)."""
    try:
        return work()
    except InputError as error:
        path, _, reason = str(error).partition(": ")
        if path.startswith(_LOOKED_UP):
            raise FitError(path, reason) from None
        raise
