"""The log on standard error: ours in full, that of the libraries in a line each.

What a stranger sends to Solara can make it log; thirty lines of where would bury what is ours.
"""

import logging
import traceback
from pathlib import Path

_OURS = __name__.partition(".")[0]
_CHARACTERS_MAX = 500


class Lines(logging.Formatter):
    """Tells a record of ours with all that is known, any other in one line."""

    @staticmethod
    def _error(error: BaseException | None) -> str:
        """Say which error it is and where it was raised, without the way there."""
        if error is None:
            return ""
        frames = traceback.extract_tb(error.__traceback__)
        where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
        return f": {type(error).__name__}: {error}{where}"

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        if record.name.partition(".")[0] == _OURS:
            return super().format(record)
        error = self._error(record.exc_info[1]) if record.exc_info else ""
        told = f"{record.name}: {record.getMessage().strip()}{error}"
        line = " ".join(told.split())[:_CHARACTERS_MAX]
        return "".join(each if each.isprintable() else "?" for each in line)
