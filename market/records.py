"""What a ledger is made of: postings as fixed-width integers, and their hashes.

An account is the id of a home (0 or above), `GRID` or `OPERATOR`. The amount of a posting goes
from payer to payee, so the accounts always sum to 0. All integers are little-endian.

A record is a posting (25 bytes) and the first 8 bytes of its leaf hash, by which a damaged
record is named. Leaves and nodes of the hash tree start from different prefixes (0 and 1), so
that neither can pass for the other [1]_; a node has up to 16 children instead of 2, which
costs an eighth of the hashing.

References
----------
.. [1] B. Laurie et al., "Certificate Transparency," RFC 6962, 2013, section 2.1.
"""

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from market.orders import Trades
from market.settlement import Bills
from profiles.arrays import Floats, Integers

GRID = -1
OPERATOR = -2

TRADE, IMPORT, EXPORT, FEE, FIXED, BASELINE = 1, 2, 3, 4, 5, 6

NANOWATT_HOURS_PER_KWH = 1e12
"""A posting holds up to 9.2 GWh to a billionth of a watt hour."""

POSTING = np.dtype(
    [
        ("kind", "<u1"),
        ("payer", "<i4"),
        ("payee", "<i4"),
        ("energy_nanowatt_hours", "<i8"),
        ("amount_microcents", "<i8"),
    ]
)
CHECK_BYTES = 8
RECORD_BYTES = POSTING.itemsize + CHECK_BYTES

Postings = NDArray[np.void]
Bytes = NDArray[np.uint8]

_LEAF, _NODE = b"\x00", b"\x01"
_HASH_BYTES = 32
_CHILDREN = 16


def postings(
    trades: Trades, bills: Bills, import_kwh: Floats, export_kwh: Floats, home_ids: Integers
) -> Postings:
    """List the postings of one step: trades, fees, imports, exports, fixed charges, credits.

    Parameters
    ----------
    trades : Trades
        The k trades of the step, by row of the home.
    bills : Bills
        Their amounts, and those of the n homes.
    import_kwh, export_kwh : ndarray, shape (n,)
        Energy bought from and sold to the grid [kWh].
    home_ids : ndarray, shape (n,)
        Account of each row.

    Returns
    -------
    Postings
        Structured array of `POSTING`. A trade counts the delivered energy; fees, fixed charges
        and credits count none. Rows with neither energy nor money are left out.
    """
    trades_count, homes_count = trades.buyer.size, home_ids.size
    charged, credited = bills.fixed_charge_microcents, bills.baseline_credit_microcents
    counts = [trades_count, trades_count, homes_count, homes_count]
    counts += [homes_count if amount.any() else 0 for amount in (charged, credited)]
    table = np.zeros(sum(counts), dtype=POSTING)
    traded, fees, imports, exports, fixed, baseline = np.split(table, np.cumsum(counts[:-1]))
    buyer = home_ids[trades.buyer]
    _write(traded, TRADE, (buyer, home_ids[trades.seller]), bills.trade_amount_microcents)
    _write(fees, FEE, (buyer, OPERATOR), bills.trade_fee_microcents)
    _write(imports, IMPORT, (home_ids, GRID), bills.import_cost_microcents)
    _write(exports, EXPORT, (GRID, home_ids), bills.export_credit_microcents)
    if fixed.size:
        _write(fixed, FIXED, (home_ids, GRID), charged)
    if baseline.size:
        _write(baseline, BASELINE, (GRID, home_ids), credited)
    for rows, energy_kwh in (
        (traded, trades.delivered_kwh),
        (imports, import_kwh),
        (exports, export_kwh),
    ):
        rows["energy_nanowatt_hours"] = np.rint(energy_kwh * NANOWATT_HOURS_PER_KWH)
    matters = (table["energy_nanowatt_hours"] != 0) | (table["amount_microcents"] != 0)
    kept: Postings = table[matters]
    return kept


def _write(
    rows: Postings,
    kind: int,
    payer_payee: tuple[Integers | int, Integers | int],
    amount_microcents: Integers,
) -> None:
    rows["kind"] = kind
    rows["payer"], rows["payee"] = payer_payee
    rows["amount_microcents"] = amount_microcents


def leaf_hashes(content: bytes) -> list[bytes]:
    """Hash each posting of a run of postings (25 bytes each)."""
    width = POSTING.itemsize
    return [
        sha256(_LEAF + content[start : start + width]).digest()
        for start in range(0, len(content), width)
    ]


def merkle_root(leaves: list[bytes]) -> bytes:
    """Hash the leaves up to one root of 32 bytes; without leaves, the hash of nothing."""
    if not leaves:
        return sha256().digest()
    level = b"".join(leaves)
    width = _CHILDREN * _HASH_BYTES
    while len(level) > _HASH_BYTES:
        level = b"".join(
            [
                sha256(_NODE + level[start : start + width]).digest()
                for start in range(0, len(level), width)
            ]
        )
    return level


def pack(content: bytes, leaves: list[bytes]) -> bytes:
    """Write records: each posting followed by its check."""
    records = np.empty((len(leaves), RECORD_BYTES), dtype=np.uint8)
    records[:, : POSTING.itemsize] = _rows(content, POSTING.itemsize)
    records[:, POSTING.itemsize :] = _rows(b"".join(leaves), _HASH_BYTES)[:, :CHECK_BYTES]
    return records.tobytes()


def unpack(records: bytes) -> tuple[bytes, Bytes]:
    """Read records: the content of all postings, and their checks, shape (count, 8)."""
    rows = _rows(records, RECORD_BYTES)
    return rows[:, : POSTING.itemsize].tobytes(), rows[:, POSTING.itemsize :]


def first_damaged(leaves: list[bytes], checks: Bytes) -> int | None:
    """Place of the first posting whose hash does not agree with its check."""
    wrong = (_rows(b"".join(leaves), _HASH_BYTES)[:, :CHECK_BYTES] != checks).any(axis=1)
    return int(wrong.argmax()) if wrong.any() else None


def _rows(data: bytes, width: int) -> Bytes:  # (count, width)
    return np.frombuffer(data, dtype=np.uint8).reshape(-1, width)
