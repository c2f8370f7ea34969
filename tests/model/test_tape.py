"""Tables that are held in memory."""

import numpy as np

from market.ledger import Ledger, verify
from model.results import STEP_COLUMNS, TRADE_COLUMNS, Chunk
from model.tape import Held


def _chunk(first_step: int) -> Chunk:
    return Chunk(
        first_step,
        {column.name: np.zeros((2, 3), column.dtype) for column in STEP_COLUMNS},
        {column.name: np.zeros(0, column.dtype) for column in TRADE_COLUMNS},
    )


def test_chunks_are_read_again_and_again_as_they_were_written() -> None:
    tape, chunks = Held(), [_chunk(0), _chunk(2)]
    for chunk in chunks:
        tape.write(chunk)
    for _ in range(2):
        assert [id(chunk) for chunk in tape.chunks()] == [id(chunk) for chunk in chunks]


def test_a_ledger_can_be_read_while_it_grows() -> None:
    tape = Held()
    ledger = Ledger(bytes(32), np.arange(2), tape.ledger)
    assert verify(b"".join(tape.ledger_parts()), ledger.head_hash).ok
    assert ledger.to_bytes() == b"".join(tape.ledger_parts())


def test_every_tape_has_its_own_room() -> None:
    Held().write(_chunk(0))
    assert list(Held().chunks()) == []
