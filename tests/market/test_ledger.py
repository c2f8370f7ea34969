"""The chain: what is posted can be proved, and what is changed is found."""

from collections.abc import Callable
from struct import Struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.ledger import Ledger, genesis, verify
from market.orders import Trades, no_trades
from market.records import GRID, OPERATOR, POSTING, RECORD_BYTES, Postings, postings
from market.settlement import Due, settle

_FILE_HEADER_BYTES = 52
_BLOCK_HEADER_BYTES = 96
_GENESIS = bytes(range(32))


def _postings(seed: int, count: int) -> Postings:
    rng = np.random.default_rng(seed)
    table = np.zeros(count, dtype=POSTING)
    table["kind"] = rng.integers(1, 7, count)
    table["payer"] = rng.integers(0, 9, count)
    table["payee"] = rng.integers(-2, 9, count)
    table["energy_nanowatt_hours"] = rng.integers(0, 10**12, count)
    table["amount_microcents"] = rng.integers(-(10**8), 10**8, count)
    return table


def _ledger(counts: list[int]) -> Ledger:
    ledger = Ledger(_GENESIS, np.arange(9))
    for index, count in enumerate(counts):
        ledger.post(index, 1_500_000_000 + 1_800 * index, 1_800, _postings(index, count))
    return ledger


def _places(counts: list[int]) -> list[str]:
    """Tell what a problem at each byte of the file must begin with."""
    places = ["file header"] * _FILE_HEADER_BYTES
    for block, count in enumerate(counts):
        places += [f"block {block}, header:"] * _BLOCK_HEADER_BYTES
        for record in range(count):
            places += [f"block {block}, record {record}:"] * RECORD_BYTES
    return places


def test_a_sound_file_verifies() -> None:
    counts = [3, 0, 20]
    ledger = _ledger(counts)
    found = verify(ledger.to_bytes(), ledger.head_hash)
    assert (found.ok, found.blocks_count, found.records_count, found.problem) == (True, 3, 23, "")
    assert len(ledger.to_bytes()) == len(_places(counts))


def test_an_empty_ledger_verifies() -> None:
    ledger = Ledger(_GENESIS, np.arange(2))
    assert verify(ledger.to_bytes(), ledger.head_hash).ok


def test_the_same_postings_give_the_same_bytes() -> None:
    assert _ledger([3, 4]).to_bytes() == _ledger([3, 4]).to_bytes()


def test_the_head_depends_on_the_genesis_and_on_every_block() -> None:
    heads = {
        _ledger([]).head_hash,
        _ledger([3]).head_hash,
        _ledger([3, 3]).head_hash,
        Ledger(bytes(32), np.arange(9)).head_hash,
    }
    assert len(heads) == 4


def test_the_genesis_can_be_read_from_the_file() -> None:
    assert genesis(_ledger([3]).to_bytes()) == _GENESIS


def test_every_single_byte_that_changes_is_found_and_named() -> None:
    counts = [4, 0, 17, 2]
    sound = _ledger(counts).to_bytes()
    masks = np.random.default_rng(0).integers(1, 256, len(sound))
    for at, place in enumerate(_places(counts)):
        damaged = bytearray(sound)
        damaged[at] ^= int(masks[at])
        found = verify(bytes(damaged))
        assert not found.ok
        assert found.problem.startswith(place), (at, found.problem)


def test_a_thousand_random_bytes_changed_one_at_a_time_are_found_and_named() -> None:
    counts = [50, 61, 0, 40]
    sound = _ledger(counts).to_bytes()
    places = _places(counts)
    rng = np.random.default_rng(1)
    for at, mask in zip(
        rng.integers(0, len(sound), 1_000), rng.integers(1, 256, 1_000), strict=True
    ):
        damaged = bytearray(sound)
        damaged[at] ^= int(mask)
        assert verify(bytes(damaged)).problem.startswith(places[at])


def test_a_file_cut_short_anywhere_is_reported() -> None:
    ledger = _ledger([4, 0, 2])
    sound = ledger.to_bytes()
    for length in range(len(sound)):
        found = verify(sound[:length], ledger.head_hash)
        assert not found.ok
        assert found.problem


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda data: data + b"x", "after block 2: missing or extra bytes (1 left)"),
        (lambda data: data[:-1], "block 2: 1 bytes of its records are missing"),
        (lambda data: data[:53], "after the file header: missing or extra bytes (1 left)"),
        (lambda _: b"", "file header: 0 bytes of 52"),
        (lambda data: b"x" * len(data), "file header: this is not a ledger"),
        (lambda data: data[:8] + b"\x02" + data[9:], "file header: version 2 instead of 1"),
    ],
)
def test_missing_and_extra_bytes_are_told_apart(
    change: Callable[[bytes], bytes], problem: str
) -> None:
    assert verify(change(_ledger([4, 0, 2]).to_bytes())).problem == problem


def test_blocks_cut_off_cleanly_are_found_by_the_head_hash() -> None:
    long, short = _ledger([4, 3, 2]), _ledger([4, 3])
    assert verify(short.to_bytes()).ok
    found = verify(short.to_bytes(), long.head_hash)
    assert found.problem.startswith("head hash differs")


def test_the_head_hash_may_be_written_in_capitals() -> None:
    ledger = _ledger([2])
    assert verify(ledger.to_bytes(), ledger.head_hash.upper()).ok


def test_records_that_change_places_break_the_root() -> None:
    sound = _ledger([4]).to_bytes()
    start = _FILE_HEADER_BYTES + _BLOCK_HEADER_BYTES
    first, second = sound[start : start + RECORD_BYTES], sound[start + RECORD_BYTES :]
    swapped = sound[:start] + second[:RECORD_BYTES] + first + second[RECORD_BYTES:]
    assert verify(swapped).problem == "block 0, header: the root differs from that of the records"


def test_a_block_left_out_breaks_the_chain() -> None:
    sound = _ledger([0, 0, 0]).to_bytes()
    second = _FILE_HEADER_BYTES + _BLOCK_HEADER_BYTES
    without = sound[:second] + sound[second + _BLOCK_HEADER_BYTES :]
    assert verify(without).problem == "block 1, header: the hash of the previous block differs"


def test_a_header_holds_the_simulated_interval() -> None:
    data = _ledger([0, 5]).to_bytes()
    header = data[_FILE_HEADER_BYTES + _BLOCK_HEADER_BYTES :]
    assert Struct("<QqII").unpack_from(header) == (1, 1_500_001_800, 1_800, 5)


@given(garbage=st.binary(max_size=400), keep=st.integers(0, 300))
def test_garbage_is_reported_and_never_raised(garbage: bytes, keep: int) -> None:
    ledger = _ledger([4])
    data = ledger.to_bytes()[:keep] + garbage
    found = verify(data, ledger.head_hash)
    assert found.ok == (data == ledger.to_bytes())
    assert found.ok == (found.problem == "")


def test_the_balances_are_the_cash_of_the_bills() -> None:
    rng = np.random.default_rng(3)
    home_ids = np.array([7, 3, 12, 5])
    ledger = Ledger(_GENESIS, home_ids)
    cash, fees, grid = np.zeros(4, dtype=np.int64), 0, 0
    for index in range(5):
        delivered = rng.random(6)
        seller, buyer = rng.integers(0, 4, (2, 6))
        trades = Trades(seller, buyer, delivered, delivered / 0.95, np.full(6, 20.0))
        imports, exports = rng.random((2, 4))
        due = Due(1_234_567, rng.integers(0, 10**7, 4))
        bills = settle(trades, imports, exports, (35.0, 5.0), 1.5, due)
        ledger.post(index, index, 1, postings(trades, bills, imports, exports, home_ids))
        cash += bills.cash_microcents
        fees += int(bills.fee_microcents.sum())
        grid += int(bills.import_cost_microcents.sum() - bills.export_credit_microcents.sum())
        grid += 4 * 1_234_567 - int(bills.baseline_credit_microcents.sum())
    np.testing.assert_array_equal(ledger.homes_microcents, cash)
    balances = ledger.balances_microcents()
    assert sum(balances.values()) == 0
    assert balances[OPERATOR] == fees
    assert balances[GRID] == grid
    assert [balances[home] for home in (7, 3, 12, 5)] == cash.tolist()


def test_a_block_out_of_turn_is_refused() -> None:
    with pytest.raises(ValueError, match=r"block index: must be 1 \(got 2\)"):
        _ledger([1]).post(2, 0, 1_800, _postings(0, 1))


def test_an_unknown_account_is_refused_before_anything_is_booked() -> None:
    ledger = Ledger(_GENESIS, np.arange(4))
    before = ledger.to_bytes()
    table = _postings(0, 1)
    table["payer"], table["payee"] = 1, 40
    with pytest.raises(ValueError, match="account 40 is not in this ledger"):
        ledger.post(0, 0, 1_800, table)
    assert ledger.to_bytes() == before
    assert set(ledger.balances_microcents().values()) == {0}


@pytest.mark.parametrize("home_ids", [[1, 1], [-1, 0], [-2], [-3]])
def test_accounts_that_clash_are_refused(home_ids: list[int]) -> None:
    with pytest.raises(ValueError, match="home_ids"):
        Ledger(_GENESIS, np.array(home_ids))


def test_a_genesis_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"genesis: must be 32 bytes \(got 3\)"):
        Ledger(b"abc", np.arange(2))


def test_a_step_without_postings_still_has_its_block() -> None:
    zero = np.zeros(2)
    ledger = Ledger(_GENESIS, np.arange(2))
    bills = settle(no_trades(), zero, zero, (35.0, 5.0), 0.0)
    ledger.post(0, 0, 1_800, postings(no_trades(), bills, zero, zero, np.arange(2)))
    found = verify(ledger.to_bytes(), ledger.head_hash)
    assert (found.ok, found.blocks_count, found.records_count) == (True, 1, 0)
