"""Files of a result folder that anybody may have made: looked at before anything of them is read.

No link is followed, no device is opened, and nothing longer than expected is taken into memory.
"""

import stat
from pathlib import Path

from profiles.errors import InputError, shown

JSON_BYTES_MAX = 64 << 20
"""A longer summary or manifest is not read; that of 10,000 homes has about 12 MB."""
LEDGER_BYTES_MAX = 4 << 30
"""A longer ledger is not read: all of it is in memory for a moment."""

_NAME_LENGTH, _PROBLEM_LENGTH = 100, 200


def plain(folder: Path, name: str) -> Path:
    """Name a file of the folder itself: no link, no folder, no device.

    Raises
    ------
    InputError
        If it is another, or not there.
    """
    if name != Path(name).name:
        raise refusal(folder, name, "must be the name of a file")
    path = folder / name
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError) as error:  # a name can hold a zero byte
        reason = error.strerror if isinstance(error, OSError) else "not a name"
        raise refusal(folder, name, f"cannot be read ({reason})") from None
    if not stat.S_ISREG(mode):
        raise refusal(folder, name, "must be a plain file")
    return path


def content(folder: Path, name: str, bytes_max: int = JSON_BYTES_MAX) -> bytes:
    """Read a plain file of the folder.

    Raises
    ------
    InputError
        If it is none, cannot be read, or has more than ``bytes_max`` bytes.
    """
    path = plain(folder, name)
    try:
        if path.stat().st_size > bytes_max:
            raise refusal(folder, name, f"must have at most {bytes_max} bytes")
        return path.read_bytes()
    except OSError as error:
        raise refusal(folder, name, f"cannot be read ({error.strerror})") from None


def refusal(folder: Path, name: str, problem: str) -> InputError:
    """Say in a line what is wrong with a file of a folder."""
    readable = problem.isprintable() and len(problem) <= _PROBLEM_LENGTH
    told = problem if readable else shown(problem, _PROBLEM_LENGTH)
    return InputError(f"{folder.name or folder}/{called(name)}: {told}")


def called(name: str) -> str:
    """Write the name of a file as it is, if a run could have given it; else in quotes."""
    return name if name.isprintable() and 0 < len(name) <= _NAME_LENGTH else shown(name)
