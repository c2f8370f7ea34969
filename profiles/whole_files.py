"""Files that are whole or not there, whatever happens, and folders that one program has alone."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from profiles.errors import InputError

# How file systems say that they cannot lock a folder. Over a network one needs a file open for
# writing for it, which a folder never is, and so calls its descriptor bad.
_WITHOUT_LOCKS = (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


def write(path: Path, content: bytes) -> None:
    """Write a file so that it holds all of the content, or what it held before, whatever happens.

    Raises
    ------
    OSError
        If it cannot be written; nothing has changed then.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    settle(path.parent)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Make a folder if there is none, and keep it from others who ask for the same meanwhile.

    The system lets go of it when this program ends, however that happens. Where folders cannot be
    locked nothing is.

    Raises
    ------
    InputError
        If another program is at work in it, or locking fails where it could be done.
    OSError
        If it cannot be made.
    """
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _locked(folder):
            yield
    finally:
        if is_new:
            with suppress(OSError):  # it is not empty
                folder.rmdir()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if os.name != "posix":
        yield
        return
    import fcntl  # noqa: PLC0415, other systems have none

    opened = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"{folder}: must not be in use, another program writes into it"
            ) from None
        except OSError as error:
            if error.errno not in _WITHOUT_LOCKS:
                reason = error.strerror or error
                raise InputError(f"{folder}: cannot be locked ({reason})") from None
        yield
    finally:
        os.close(opened)


def settle(folder: Path) -> None:
    """Let a new name outlast a loss of power too, where folders can be opened."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
