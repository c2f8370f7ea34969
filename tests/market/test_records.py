"""Postings, their bytes and their hashes."""

from hashlib import sha256
from struct import Struct

import numpy as np
import pytest

from market.orders import Trades, no_trades
from market.records import (
    BASELINE,
    EXPORT,
    FEE,
    FIXED,
    GRID,
    IMPORT,
    OPERATOR,
    RECORD_BYTES,
    TRADE,
    Postings,
    first_damaged,
    leaf_hashes,
    merkle_root,
    pack,
    postings,
    unpack,
)
from market.settlement import Due, settle

_RECORD = Struct("<Biiqq8s")


def _posted(fee_cents_per_kwh: float = 0.0, export_cents_per_kwh: float = 5.0) -> Postings:
    trades = Trades(
        np.array([0]), np.array([1]), np.array([0.5]), np.array([0.625]), np.array([20.0])
    )
    imports, exports = np.array([0.0, 2.0, 0.0]), np.array([1.0, 0.0, 0.0])
    bills = settle(trades, imports, exports, (35.0, export_cents_per_kwh), fee_cents_per_kwh)
    return postings(trades, bills, imports, exports, np.array([11, 22, 33]))


def test_a_step_is_listed_in_double_entry() -> None:
    assert _posted(fee_cents_per_kwh=2.0).tolist() == [
        (TRADE, 22, 11, 500_000_000_000, 10_000_000),
        (FEE, 22, OPERATOR, 0, 1_000_000),
        (IMPORT, 22, GRID, 2_000_000_000_000, 70_000_000),
        (EXPORT, GRID, 11, 1_000_000_000_000, 5_000_000),
    ]


def test_charges_and_credits_are_listed_without_energy_where_there_are_any() -> None:
    imports, exports, home_ids = np.array([2.0, 0.0]), np.zeros(2), np.array([11, 22])
    due = Due(1_500_000, np.array([16_000_000, 0]))
    bills = settle(no_trades(), imports, exports, (35.0, 5.0), 0.0, due)
    assert postings(no_trades(), bills, imports, exports, home_ids).tolist() == [
        (IMPORT, 11, GRID, 2_000_000_000_000, 70_000_000),
        (FIXED, 11, GRID, 0, 1_500_000),
        (FIXED, 22, GRID, 0, 1_500_000),
        (BASELINE, GRID, 11, 0, 16_000_000),
    ]


def test_a_posting_of_nothing_is_left_out_but_free_energy_is_not() -> None:
    kinds = _posted(export_cents_per_kwh=0.0)["kind"].tolist()
    assert kinds == [TRADE, IMPORT, EXPORT]


def test_a_step_without_trade_and_grid_has_no_postings() -> None:
    zero = np.zeros(3)
    bills = settle(no_trades(), zero, zero, (35.0, 5.0), 1.0)
    assert postings(no_trades(), bills, zero, zero, np.arange(3)).size == 0


def test_a_record_is_the_posting_and_eight_bytes_of_its_leaf_hash() -> None:
    content = _posted().tobytes()
    records = pack(content, leaf_hashes(content))
    assert _RECORD.size == RECORD_BYTES
    kind, payer, payee, energy, amount, check = _RECORD.unpack(records[:RECORD_BYTES])
    assert (kind, payer, payee) == (TRADE, 22, 11)
    assert (energy, amount) == (500_000_000_000, 10_000_000)
    assert check == sha256(b"\x00" + records[: RECORD_BYTES - 8]).digest()[:8]


def test_packing_is_undone_by_unpacking() -> None:
    content = _posted(fee_cents_per_kwh=1.0).tobytes()
    leaves = leaf_hashes(content)
    unpacked, checks = unpack(pack(content, leaves))
    assert unpacked == content
    assert checks.tobytes() == b"".join(leaf[:8] for leaf in leaves)
    assert first_damaged(leaves, checks) is None


def test_the_first_damaged_record_is_found() -> None:
    content = _posted(fee_cents_per_kwh=1.0).tobytes()
    leaves = leaf_hashes(content)
    records = bytearray(pack(content, leaves))
    records[RECORD_BYTES * 2 + 3] ^= 1
    records[RECORD_BYTES * 3 - 1] ^= 1
    damaged, checks = unpack(bytes(records))
    assert first_damaged(leaf_hashes(damaged), checks) == 2


def _root_by_recursion(leaves: list[bytes]) -> bytes:
    """Build the tree from the top: each child but the last is full, with a power of 16."""
    if len(leaves) == 1:
        return leaves[0]
    width = 1
    while width * 16 < len(leaves):
        width *= 16
    children = [
        _full(leaves[start : start + width], width) for start in range(0, len(leaves), width)
    ]
    return sha256(b"\x01" + b"".join(children)).digest()


def _full(leaves: list[bytes], width: int) -> bytes:
    """Build a subtree of full height, even where its last branch holds few leaves."""
    if width == 1:
        return leaves[0]
    below = width // 16
    children = [_full(leaves[at : at + below], below) for at in range(0, len(leaves), below)]
    return sha256(b"\x01" + b"".join(children)).digest()


@pytest.mark.parametrize("leaves_count", [1, 2, 15, 16, 17, 33, 256, 257, 1_000])
def test_the_root_is_that_of_a_tree_of_sixteen_children(leaves_count: int) -> None:
    leaves = [sha256(bytes([place % 256, place // 256])).digest() for place in range(leaves_count)]
    assert merkle_root(leaves) == _root_by_recursion(leaves)


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle_root([]) == sha256(b"").digest()
