"""Files that are whole or not there, whatever happens, and folders that one program has alone."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from profiles.errors import InputError

# How file systems say that they cannot lock a folder. Over a network one needs a file open for
# writing for it, which a folder never is, and so calls its descriptor bad.
_WITHOUT_LOCKS = (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_ASK_EVERY_S = 0.1


class InUseError(InputError):
    """Another program has a folder for itself."""


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
def alone(folder: Path, *, patience_s: float = 0.0) -> Iterator[None]:
    """Make a folder if there is none, and keep it from others who ask for the same meanwhile.

    The system lets go of it when this program ends, however that happens. Where folders cannot be
    locked nothing is.

    Parameters
    ----------
    folder : Path
        Which one.
    patience_s : float
        How long to wait for those who have it [s].

    Raises
    ------
    InUseError
        If another program is at work in it.
    InputError
        If locking fails where it could be done.
    OSError
        If it cannot be made.
    """
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _locked(folder, patience_s=patience_s):
            yield
    finally:
        if is_new:
            with suppress(OSError):  # it is not empty
                folder.rmdir()


@contextmanager
def among(folder: Path) -> Iterator[None]:
    """Work in a folder that is there beside others who do; nobody has it `alone` meanwhile.

    Raises
    ------
    InputError
        As of `alone`.
    """
    with _locked(folder, shared=True):
        yield


@contextmanager
def _locked(folder: Path, *, shared: bool = False, patience_s: float = 0.0) -> Iterator[None]:
    if os.name != "posix":
        yield
        return
    import fcntl  # noqa: PLC0415, other systems have none

    how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
    opened = os.open(folder, os.O_RDONLY)
    try:
        try:
            _patiently(lambda: fcntl.flock(opened, how), monotonic() + patience_s)
        except BlockingIOError:
            told = f"{folder}: must not be in use, another program writes into it"
            raise InUseError(told) from None
        except OSError as error:
            if error.errno not in _WITHOUT_LOCKS:
                reason = error.strerror or error
                raise InputError(f"{folder}: cannot be locked ({reason})") from None
        yield
    finally:
        os.close(opened)


def _patiently(lock: Callable[[], None], until_s: float) -> None:
    """Try again until it can be done, or the time is over."""
    while True:
        try:
            return lock()
        except BlockingIOError:
            if monotonic() >= until_s:
                raise
        sleep(_ASK_EVERY_S)


def settle(folder: Path) -> None:
    """Let a new name outlast a loss of power too, where folders can be opened."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
