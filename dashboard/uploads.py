"""Files that visitors bring or let be made: named by us, bounded, gone when the server ends.

A file stays for an hour at least, whoever brings others: while there is no place, none is taken.
"""

import asyncio
import math
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Self

from profiles.errors import InputError

MIB = 1024 * 1024
BYTES_MAX = 64 * MIB  # of a file; ten homes for three years in half hours are 15 MB
ALL_BYTES_MAX = 512 * MIB  # of all files, those that come in counted as long as they may be
FILES_MAX = 100
KEPT_SECONDS = 3600.0  # before a file may go for another, the oldest first
COMING_SECONDS = 120.0  # in which a file has to be here: it comes from this machine
SUFFIXES = (".csv", ".parquet", ".yaml", ".yml", ".json")

_GONE = "file: is not here any more; choose it again"
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class _Kept:
    path: Path
    bytes_count: int
    since: float  # by the clock


class Uploads:
    """A temporary folder for uploads; a context that removes it.

    Parameters
    ----------
    bytes_max, all_bytes_max : int
        Of a file, and of all together.
    files_max : int
        How many there may be.
    clock : callable
        Tells seconds.
    """

    def __init__(
        self,
        bytes_max: int = BYTES_MAX,
        all_bytes_max: int = ALL_BYTES_MAX,
        files_max: int = FILES_MAX,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.bytes_max, self.all_bytes_max, self.files_max = bytes_max, all_bytes_max, files_max
        self._clock = clock
        self._lock = Lock()
        self._folder: Path | None = None
        self._files: dict[str, _Kept] = {}  # in order of arrival
        self._coming = 0  # files that are being written

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="commonwatt-"))
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def receive(self, name: str, parts: AsyncIterator[bytes]) -> str:
        """Store a file as it comes in.

        Parameters
        ----------
        name : str
            What the visitor calls it; only its ending is used.
        parts : async iterator of bytes
            What it holds.

        Returns
        -------
        str
            Token by which `path` finds it.

        Raises
        ------
        InputError
            If its ending is not one of `SUFFIXES`, it is too long, takes too long to come, or no
            place is free; nothing of it stays.
        """
        suffix = next((each for each in SUFFIXES if name.lower().endswith(each)), None)
        if suffix is None:
            ending = Path(name.replace("\0", "")).suffix[:12]
            raise InputError(f"file: must end in {', '.join(SUFFIXES)} (got {ending!a})")
        with self._place(suffix) as (token, path):
            try:
                async with asyncio.timeout(COMING_SECONDS):
                    await self._write(path, parts)
            except TimeoutError:
                limit = f"must be here within {COMING_SECONDS:.0f} s"
                raise InputError(f"file: {limit} (got a part of it)") from None
        return token

    def make(self, suffix: str, write: Callable[[Path], None]) -> str:
        """Let a file be written, one of ``SUFFIXES``, and return the token by which it is found.

        Raises
        ------
        InputError
            If it became too long or no place is free; nothing of it stays.
        """
        with self._place(suffix) as (token, path):
            write(path)
        return token

    def path(self, token: str) -> Path:
        """Return where an upload lies.

        Raises
        ------
        InputError
            If there is none of that token, or it had to go.
        """
        found = self._files.get(token) if _TOKEN.fullmatch(token) else None
        if found is None:
            raise InputError(_GONE)
        return found.path

    def open(self, token: str) -> BinaryIO:
        """Open an upload; whoever reads it can do so to its end, even if it has to go meanwhile.

        Raises
        ------
        InputError
            As `path`.
        """
        try:
            return self.path(token).open("rb")
        except FileNotFoundError:
            raise InputError(_GONE) from None

    async def _write(self, path: Path, parts: AsyncIterator[bytes]) -> None:
        written = 0
        with path.open("xb") as file:
            async for part in parts:
                written += len(part)
                self._check_length(written)
                file.write(part)

    def _check_length(self, bytes_count: int) -> None:
        if bytes_count > self.bytes_max:
            raise InputError(f"file: must have at most {self.bytes_max // MIB} MiB (got more)")

    @contextmanager
    def _place(self, suffix: str) -> Iterator[tuple[str, Path]]:
        """Hold a place while a file is written, then keep the file under its token."""
        if self._folder is None:
            raise LookupError("the folder for uploads is not open")
        token = secrets.token_hex(16)
        path = self._folder / f"{token}{suffix}"
        self._make_room()
        try:
            yield token, path
            bytes_count = path.stat().st_size
            self._check_length(bytes_count)
        except BaseException:
            path.unlink(missing_ok=True)
            with self._lock:
                self._coming -= 1
            raise
        with self._lock:
            self._coming -= 1
            self._files[token] = _Kept(path, bytes_count, self._clock())

    def _make_room(self) -> None:
        """Take a place; the oldest files go for it if they may."""
        with self._lock:
            while not self._has_room():
                oldest = next(iter(self._files), None)
                if oldest is None:
                    raise InputError("file: every place is taken; try again in a minute")
                left = KEPT_SECONDS - (self._clock() - self._files[oldest].since)
                if left > 0:
                    when = f"in {math.ceil(left / 60)} minutes"
                    raise InputError(f"file: every place is taken; try again {when}")
                with suppress(OSError):
                    self._files.pop(oldest).path.unlink()
            self._coming += 1

    def _has_room(self) -> bool:
        here = sum(each.bytes_count for each in self._files.values())
        fits = here + (self._coming + 1) * self.bytes_max <= self.all_bytes_max
        return fits and len(self._files) + self._coming < self.files_max
