"""Keeps the tables of a run in memory, as is best for runs that are looked at right away."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from model.results import Chunk


@dataclass(slots=True, eq=False)
class Held:
    """A tape in memory."""

    ledger: BytesIO = field(default_factory=BytesIO)
    kept: list[Chunk] = field(default_factory=list)

    def write(self, chunk: Chunk) -> None:
        """Keep the next chunk."""
        self.kept.append(chunk)

    def chunks(self) -> Iterator[Chunk]:
        """Show all chunks, in order of time."""
        return iter(self.kept)

    def ledger_parts(self) -> Iterator[bytes]:
        """Show the ledger, in one part."""
        yield self.ledger.getvalue()

    def mark(self) -> tuple[int, int]:
        """Tell how many chunks there are, and the length of the ledger [bytes]."""
        return len(self.kept), len(self.ledger.getbuffer())

    def rewind(self, mark: tuple[int, int]) -> None:
        """Forget what was kept after a mark; `ValueError` if there is less."""
        if any(there < wanted for there, wanted in zip(self.mark(), mark, strict=True)):
            raise ValueError(f"the tape holds {self.mark()}, and {mark} were on it")
        chunks_count, ledger_bytes = mark
        del self.kept[chunks_count:]
        self.ledger.truncate(ledger_bytes)
        self.ledger.seek(ledger_bytes)
