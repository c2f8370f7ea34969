"""Files that visitors bring or let be made: named by us, bounded, gone when the server ends."""

import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Self

from profiles.errors import InputError

BYTES_MAX = 64 * 1024 * 1024  # of a file; ten homes for three years in half hours are 15 MB
FILES_MAX = 32  # the oldest goes when another comes
SUFFIXES = (".csv", ".parquet", ".yaml", ".yml", ".json")

_TOKEN = re.compile(r"[0-9a-f]{32}")


class Uploads:
    """A temporary folder for uploads; a context that removes it."""

    def __init__(self, bytes_max: int = BYTES_MAX, files_max: int = FILES_MAX) -> None:
        self.bytes_max, self.files_max = bytes_max, files_max
        self._lock = Lock()
        self._folder: Path | None = None
        self._files: dict[str, Path] = {}  # in order of arrival

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
            If its ending is not one of `SUFFIXES` or it is too long; nothing of it stays.
        """
        if self._folder is None:
            raise LookupError("the folder for uploads is not open")
        suffix = next((each for each in SUFFIXES if name.lower().endswith(each)), None)
        if suffix is None:
            ending = Path(name.replace("\0", "")).suffix[:12]
            raise InputError(f"file: must end in {', '.join(SUFFIXES)} (got {ending!a})")
        token = secrets.token_hex(16)
        path = self._folder / f"{token}{suffix}"
        try:
            await self._write(path, parts)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._keep(token, path)
        return token

    def make(self, suffix: str, write: Callable[[Path], None]) -> str:
        """Let a file be written, one of ``SUFFIXES``, and return the token by which it is found."""
        if self._folder is None:
            raise LookupError("the folder for uploads is not open")
        token = secrets.token_hex(16)
        path = self._folder / f"{token}{suffix}"
        try:
            write(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._keep(token, path)
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
            raise InputError("file: is not here any more; choose it again")
        return found

    async def _write(self, path: Path, parts: AsyncIterator[bytes]) -> None:
        written = 0
        with path.open("xb") as file:
            async for part in parts:
                written += len(part)
                if written > self.bytes_max:
                    limit = self.bytes_max / 1e6
                    raise InputError(f"file: must have at most {limit:.0f} MB (got more)")
                file.write(part)

    def _keep(self, token: str, path: Path) -> None:
        with self._lock:
            self._files[token] = path
            while len(self._files) > self.files_max:
                oldest = next(iter(self._files))
                with suppress(OSError):
                    self._files.pop(oldest).unlink()
