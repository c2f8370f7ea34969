"""Packs that browsers fetch: compressed once, shared by all sessions, bounded in bytes.

A pack is found by the hash of what it holds, which nobody guesses who was not told.
"""

import gzip
import hashlib
from collections import OrderedDict
from threading import Lock

BYTES_MAX = 64 * 1024 * 1024  # of compressed packs; about 200 runs of a week and ten homes


class Packs:
    """Compressed packs by token; the one that was not asked for longest goes first."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self.bytes_max = bytes_max
        self._lock = Lock()
        self._held: OrderedDict[str, bytes] = OrderedDict()

    def put(self, pack: bytes) -> str:
        """Keep a pack and return the token by which it is found."""
        token = hashlib.sha256(pack).hexdigest()
        packed = self.get(token) or gzip.compress(pack, 6, mtime=0)
        with self._lock:  # another pack may have pushed it out in between
            self._held[token] = packed
            self._held.move_to_end(token)
            while len(self._held) > 1 and self.bytes_count > self.bytes_max:
                self._held.popitem(last=False)
        return token

    def get(self, token: str) -> bytes | None:
        """Return a pack, compressed by gzip; None if there is none of that token any more."""
        with self._lock:
            found = self._held.get(token)
            if found is not None:
                self._held.move_to_end(token)
            return found

    @property
    def bytes_count(self) -> int:
        """Bytes that are held."""
        return sum(map(len, self._held.values()))
