"""The ledger: one hash-chained block of postings per step, which anyone can verify.

File header: magic (8 bytes), version (4), genesis (32), check (8). The genesis ties the chain
to what was run. Then the blocks, back to back. Block header: index (8), start of the interval
(8, Unix seconds), its length (4, seconds), count of records (4), hash of the previous block
(32), root of the hash tree over the records (32), check (8). Then the records of `records`.
The hash of a block is the SHA-256 of its header without the check; the first block's previous
hash is that of the file header; the hash of the last block is the head. Integers are unsigned
and little-endian, but for the start of the interval. A check is the first 8 bytes of the
SHA-256 of what it stands behind. Time is the simulated one.
"""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from struct import Struct
from typing import BinaryIO

import numpy as np

from market.records import (
    CHECK_BYTES,
    GRID,
    OPERATOR,
    RECORD_BYTES,
    Postings,
    first_damaged,
    leaf_hashes,
    merkle_root,
    pack,
    unpack,
)
from profiles.arrays import Integers

_MAGIC = b"CWLEDGER"
_VERSION = 1
_FILE_HEADER = Struct("<8sI32s")
_BLOCK_HEADER = Struct("<QqII32s32s")


class Ledger:
    """A growing chain of blocks and the balances that follow from it.

    Parameters
    ----------
    genesis : bytes
        32 bytes that say what is run, such as the hash of the scenario.
    home_ids : ndarray, shape (n,)
        Account of each home, 0 or above, all different.
    file : binary file, optional
        Empty, open for writing and reading: grows with the chain. In memory if None.

    Raises
    ------
    ValueError
        If the genesis has another length or the accounts are not such ids.
    """

    def __init__(self, genesis: bytes, home_ids: Integers, file: BinaryIO | None = None) -> None:
        if len(genesis) != 32:
            raise ValueError(f"genesis: must be 32 bytes (got {len(genesis)})")
        self._accounts = np.unique(np.concatenate([[OPERATOR, GRID], home_ids]))
        if self._accounts[0] != OPERATOR or self._accounts.size != home_ids.size + 2:
            raise ValueError("home_ids: must be different from each other and 0 or above")
        self._home_places = np.searchsorted(self._accounts, home_ids)
        self._balances = np.zeros(self._accounts.size, dtype=np.int64)
        header = _FILE_HEADER.pack(_MAGIC, _VERSION, genesis)
        self._head = sha256(header).digest()
        self._file = BytesIO() if file is None else file
        self._file.write(header + self._head[:CHECK_BYTES])
        self._blocks_count = 0

    @property
    def head_hash(self) -> str:
        """Hash of the last block, in hexadecimal; it stands for the whole chain."""
        return self._head.hex()

    @property
    def homes_microcents(self) -> Integers:
        """Balance of each home, shape (n,), in the order of `home_ids`."""
        return self._balances[self._home_places]

    def balances_microcents(self) -> dict[int, int]:
        """Balance of every account, which began at 0: what it received less what it paid."""
        return dict(zip(self._accounts.tolist(), self._balances.tolist(), strict=True))

    def post(self, index: int, start_unix_s: int, step_seconds: int, postings: Postings) -> None:
        """Append the block of one step, even if there is nothing to post.

        Parameters
        ----------
        index : int
            Place of the block, 0 for the first.
        start_unix_s, step_seconds : int
            Start and length of the step in simulated time [s].
        postings : Postings
            Postings of the step, of any count.

        Raises
        ------
        ValueError
            If the index is not the next one or an account is unknown.
        """
        if index != self._blocks_count:
            raise ValueError(f"block index: must be {self._blocks_count} (got {index})")
        self._book(postings)
        content = postings.tobytes()
        leaves = leaf_hashes(content)
        header = _BLOCK_HEADER.pack(
            index, start_unix_s, step_seconds, len(leaves), self._head, merkle_root(leaves)
        )
        self._head = sha256(header).digest()
        self._file.write(header + self._head[:CHECK_BYTES] + pack(content, leaves))
        self._blocks_count += 1

    def to_bytes(self) -> bytes:
        """Return the whole file."""
        self._file.seek(0)
        return self._file.read()  # to the end, where the next block goes

    def _book(self, postings: Postings) -> None:
        # Packed columns are not aligned; copies of their own are several times faster.
        payer = self._places(postings["payer"].astype(np.int64))
        payee = self._places(postings["payee"].astype(np.int64))
        amount_microcents = postings["amount_microcents"].astype(np.int64)
        np.subtract.at(self._balances, payer, amount_microcents)
        np.add.at(self._balances, payee, amount_microcents)

    def _places(self, account: Integers) -> Integers:
        place = np.searchsorted(self._accounts, account)
        known = self._accounts[np.minimum(place, self._accounts.size - 1)] == account
        if not known.all():
            raise ValueError(f"account {account[~known][0]} is not in this ledger")
        return place


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found; the counts are of what was sound before the first problem."""

    ok: bool
    blocks_count: int
    records_count: int
    problem: str  # empty if ok


def genesis(data: bytes) -> bytes:
    """Read what a sound ledger file says was run, 32 bytes."""
    found: bytes = _FILE_HEADER.unpack(data[: _FILE_HEADER.size])[2]
    return found


class _DamageError(Exception):
    """The file is not what was written; the message says where."""


@dataclass(slots=True)
class _Reader:
    """How far the file has been verified."""

    data: bytes
    offset: int = 0
    head: bytes = b""
    blocks_count: int = 0
    records_count: int = 0


def verify(data: bytes, head_hash: str | None = None) -> Verification:
    """Recompute every hash of a ledger file.

    A change of any byte is found. Blocks cut off cleanly at the end are found only with
    `head_hash`, which is kept apart from the file.

    Parameters
    ----------
    data : bytes
        The file; anything at all is accepted and reported on.
    head_hash : str, optional
        Hash that the last block must have, in hexadecimal.

    Returns
    -------
    Verification
        With the first problem in words, naming the block and the record where it lies in one.
    """
    reader = _Reader(data)
    problem = ""
    try:
        _read_file_header(reader)
        while reader.offset < len(data):
            _read_block(reader)
        if head_hash is not None and reader.head.hex() != head_hash.lower():
            problem = f"head hash differs: file {reader.head.hex()}, expected {head_hash}"
    except _DamageError as damage:
        problem = str(damage)
    return Verification(not problem, reader.blocks_count, reader.records_count, problem)


def _read_file_header(reader: _Reader) -> None:
    size = _FILE_HEADER.size
    if len(reader.data) < size + CHECK_BYTES:
        raise _DamageError(f"file header: {len(reader.data)} bytes of {size + CHECK_BYTES}")
    header = reader.data[:size]
    magic, version, _ = _FILE_HEADER.unpack(header)
    if magic != _MAGIC:
        raise _DamageError("file header: this is not a ledger")
    if version != _VERSION:
        raise _DamageError(f"file header: version {version} instead of {_VERSION}")
    reader.head = sha256(header).digest()
    reader.offset = size + CHECK_BYTES
    if reader.data[size : reader.offset] != reader.head[:CHECK_BYTES]:
        raise _DamageError("file header: its check differs")


def _read_block(reader: _Reader) -> None:
    header = _read_header(reader)
    index, _, _, count, previous, root = _BLOCK_HEADER.unpack(header)
    name = f"block {reader.blocks_count}"
    if previous != reader.head:
        raise _DamageError(f"{name}, header: the hash of the previous block differs")
    if index != reader.blocks_count:
        raise _DamageError(f"{name}, header: index {index}")
    _read_records(reader, count, root)
    reader.head = sha256(header).digest()
    reader.blocks_count += 1
    reader.records_count += count


def _read_header(reader: _Reader) -> bytes:
    size = _BLOCK_HEADER.size
    stored = reader.data[reader.offset : reader.offset + size + CHECK_BYTES]
    if len(stored) < size + CHECK_BYTES:
        place = f"block {reader.blocks_count - 1}" if reader.blocks_count else "the file header"
        raise _DamageError(f"after {place}: missing or extra bytes ({len(stored)} left)")
    header = stored[:size]
    if sha256(header).digest()[:CHECK_BYTES] != stored[size:]:
        raise _DamageError(f"block {reader.blocks_count}, header: its check differs")
    reader.offset += len(stored)
    return header


def _read_records(reader: _Reader, count: int, root: bytes) -> None:
    name = f"block {reader.blocks_count}"
    end = reader.offset + count * RECORD_BYTES
    if end > len(reader.data):
        raise _DamageError(f"{name}: {end - len(reader.data)} bytes of its records are missing")
    content, checks = unpack(reader.data[reader.offset : end])
    leaves = leaf_hashes(content)
    damaged = first_damaged(leaves, checks)
    if damaged is not None:
        raise _DamageError(f"{name}, record {damaged}: its check differs")
    if merkle_root(leaves) != root:
        raise _DamageError(f"{name}, header: the root differs from that of the records")
    reader.offset = end
