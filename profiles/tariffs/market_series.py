"""Wholesale prices as a market publishes them: a file may hold several nodes, of which one is read.

Two layouts have more than one price: a download from OASIS of the California ISO (report PRC_LMP),
a row per interval, node and part of the price; and a table with a column per node.
"""

import re

import numpy as np

from profiles.errors import InputError, shown, shown_name
from profiles.tables.stamps import stamps
from profiles.tables.table import File, table
from profiles.tariffs.price_series import CENTS_MAX, CENTS_MIN, RateSeries, series_of, step_minutes

_START, _KIND, _NODE = "INTERVALSTARTTIME_GMT", "LMP_TYPE", "NODE"
_PRICES = ("MW", "PRC", "VALUE")  # the price's column: day-ahead, 15 minutes, 5 minutes [USD/MWh]
_WHOLE = "LMP"  # the price itself; its parts are MCE, MCC, MCL and MGHG

_COLUMN = re.compile(r"([\w.-]+)_lmp_usd_(?:per_)?mwh")
_BESIDE = re.compile(r"[\w.-]+_usd_(?:per_)?mwh")  # prices of other nodes, and parts of prices

_LISTED = 8


def series_at(file: File, node: str | None) -> RateSeries:
    """Read the wholesale prices of one node.

    Parameters
    ----------
    file : File
        A download from OASIS, whose rows may stand in any order; a table with a column such as
        `sp15_lmp_usd_per_mwh` for each node; or a series of one price, `lmp_usd_per_mwh` or
        `price_cents_per_kwh`.
    node : str or None
        Which one; None where the file has one only.

    Raises
    ------
    InputError
        "tariff.node: ..." if the file has several and none of them is chosen, or another is; and
        as in `series_of`.
    """
    if _START in file.columns:
        return _of_oasis(file, node)
    columns = [match for match in map(_COLUMN.fullmatch, file.columns) if match]
    if columns:
        chosen = _chosen(file, [*dict.fromkeys(match[1] for match in columns)], node)
        either = tuple(match[0] for match in columns if match[1] == chosen)
        beside = tuple(filter(_BESIDE.fullmatch, file.columns))
        return series_of(file, either, beside=beside)
    if node is not None:
        limit = f"must be null, {file.name} names no node"
        raise InputError(f"tariff.node: {limit} (got {shown(node)})")
    return series_of(file, ("lmp_usd_per_mwh", "price_cents_per_kwh"))


def _of_oasis(file: File, node: str | None) -> RateSeries:
    """Pick the rows of the price itself at a node, by time."""
    file.check_has(_KIND, _NODE)
    price = next((name for name in _PRICES if name in file.columns), _PRICES[0])
    file.check_has(price)
    rows = table(file)
    (kind, kinds), (place, nodes) = rows.texts(_KIND), rows.texts(_NODE)
    whole = np.array([text == _WHOLE for text in kinds.to_pylist()])[kind]
    if not whole.any():
        raise rows.refusal(~whole, _KIND, f"must be {_WHOLE} in some row")
    names = nodes.to_pylist()
    chosen = _chosen(file, [names[code] for code in np.unique(place[whole])], node)
    kept = np.flatnonzero(whole & (place == names.index(chosen)))
    found = stamps(rows, _START)
    order = kept[np.argsort(found.clock_s[kept], kind="stable")]
    rows.check_given(price)
    usd_per_mwh = rows.numbers(price, 10.0 * CENTS_MIN, 10.0 * CENTS_MAX)
    return RateSeries(
        name=file.name,
        start_minutes=int(found.clock_s[order[0]]) // 60,
        step_minutes=step_minutes(found, order),
        zoned=True,  # they are GMT, with the offset or without
        rate_per_kwh=0.1 * usd_per_mwh[order],
        export_cents_per_kwh=None,
    )


def _chosen(file: File, names: list[str], node: str | None) -> str:
    """Find the node to be read among those of a file."""
    if node is None and len(names) == 1:
        return names[0]
    if node is not None and node in names:
        return node
    listed = ", ".join(map(shown_name, sorted(names)[:_LISTED]))
    more = f" and {len(names) - _LISTED} others" if len(names) > _LISTED else ""
    got = "null" if node is None else shown(node)
    raise InputError(f"tariff.node: must be one of {listed}{more}, as in {file.name} (got {got})")
