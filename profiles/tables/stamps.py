"""Stamps of a table as instants: ISO 8601 texts or times, with a zone of their own or without.

Stamps without a zone are what a clock on the wall shows. An hour that it shows twice is told apart
by order: the first row of a home is the earlier one.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profiles.arrays import Booleans, Integers
from profiles.errors import FitError, InputError
from profiles.local_time import YEAR_FIRST, YEAR_LAST, check_zone, utc_of_wall
from profiles.tables.table import Table

_PATTERN = (
    r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.0{1,9})?)?"
    r"(?P<zone>Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?$"
)
_LIMIT = "must be a time like 2017-07-01T16:30, with an offset like -08:00 or Z or without"
_YEARS = tuple(
    int(np.datetime64(str(year), "s").astype(np.int64)) for year in (YEAR_FIRST, YEAR_LAST + 1)
)
_UNITS_PER_S = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@dataclass(frozen=True, slots=True, eq=False)
class Stamps:
    """A column of times of one table."""

    table: Table
    column: str
    clock_s: Integers  # (rows,) Unix time if zoned, else what the clock shows
    zoned: bool
    zones: tuple[str, ...]  # the offsets or the name that stand in the file


def stamps(table: Table, column: str = "ts") -> Stamps:
    """Read the stamps of a table.

    Raises
    ------
    InputError
        With the first row whose stamp is no time of the years 1970..2199 in whole minutes, or
        has a zone while others have none.
    """
    as_times = pa.types.is_timestamp(table.cells[column].type)
    found = _of_times(table, column) if as_times else _of_texts(table, column)
    wrong = (found.clock_s < _YEARS[0]) | (found.clock_s >= _YEARS[1])
    if wrong.any():
        raise table.refusal(wrong, column, f"the year must be from {YEAR_FIRST} to {YEAR_LAST}")
    wrong = found.clock_s % 60 != 0
    if wrong.any():
        raise table.refusal(wrong, column, "must be whole minutes")
    return found


def zone_of(found: list[Stamps], typed: str | None) -> str:
    """Say by which clock a group of tables is read.

    Parameters
    ----------
    found : list of Stamps
        At least one.
    typed : str or None
        The knob ``profiles.zone``.

    Returns
    -------
    str
        What was typed, or else the one zone that stands in the files.

    Raises
    ------
    FitError
        If nothing was typed and no stamp has a zone, or they have several.
    """
    if typed is not None:
        return typed
    zones = sorted({zone for each in found for zone in each.zones})
    example = "an IANA name like America/Los_Angeles or an offset like -08:00"
    bare = [each.table.file.name for each in found if not each.zoned]
    if bare:
        reason = f"must be {example}: the stamps of {bare[0]} have no zone (got null)"
        raise FitError("profiles.zone", reason)
    if len(zones) > 1:
        listed = ", ".join(zones[:4])
        raise FitError("profiles.zone", f"must be {example}: stamps have {listed} (got null)")
    try:
        check_zone(zones[0])
    except InputError as error:
        raise InputError(f"{found[0].table.file.name}: {found[0].column}: {error}") from None
    return zones[0]


def instants(found: Stamps, zone: str, home: Integers | None) -> Integers:
    """Turn the stamps of a table into Unix time, shape (rows,).

    Parameters
    ----------
    found : Stamps
        The stamps.
    zone : str
        Clock of stamps that have no zone of their own.
    home : ndarray, shape (rows,), optional
        Tells rows of different homes apart.

    Raises
    ------
    InputError
        With the first row whose time the clock leaves out.
    """
    if found.zoned:
        return found.clock_s
    walls, code = np.unique(found.clock_s, return_inverse=True)
    first, second = utc_of_wall(walls, zone)
    skipped = (first > second)[code]
    if skipped.any():
        limit = f"the clock of {zone} leaves this time out; a clock that never changes is an offset"
        raise found.table.refusal(skipped, found.column, limit)
    seconds: Integers = first[code]
    twice = np.flatnonzero((first != second)[code])
    if twice.size:
        whose = np.zeros_like(twice) if home is None else home[twice]
        night = walls[code[twice]] // (24 * 3600)
        again = twice[_seen_before(code[twice], whose, night)]
        seconds[again] = second[code[again]]
    return seconds


def _seen_before(code: Integers, home: Integers, night: Integers) -> Booleans:
    """Mark what a row above has said already, of the same home.

    A time that is said once only belongs to the second pass too, if rows above it do.
    """
    row = np.arange(code.size)
    _, first, same, count = np.unique(
        np.stack([code, home]), axis=1, return_index=True, return_inverse=True, return_counts=True
    )
    again = np.ones(code.size, dtype=np.bool_)
    again[first] = False
    _, group = np.unique(np.stack([home, night]), axis=1, return_inverse=True)
    second_pass = np.full(group.max() + 1, code.size)
    np.minimum.at(second_pass, group[again], row[again])
    once = count[same] == 1
    again[once] = row[once] > second_pass[group[once]]
    return again


def _of_texts(table: Table, column: str) -> Stamps:
    codes, texts = table.texts(column)
    uniques = pc.utf8_trim(texts, " ")
    parts = pc.extract_regex(uniques, _PATTERN)
    wrong = np.array(parts.is_null(), dtype=np.bool_)
    if wrong.any():
        raise table.refusal(wrong[codes], column, _LIMIT)
    zones = parts.field("zone")
    bare = np.array(pc.equal(zones, ""), dtype=np.bool_)[codes]
    if bare.any() and not bare.all():
        mixed = bare != bare[0]
        limit = f"must have {'no' if bare[0] else 'a'} zone, as the rows above"
        raise table.refusal(mixed, column, limit)
    plain = pc.replace_substring_regex(uniques, r"\.0+", "")
    kind = pa.timestamp("s") if bare.all() else pa.timestamp("s", "UTC")
    try:
        seconds = np.array(plain.cast(kind).cast(pa.int64()), dtype=np.int64)
    except pa.ArrowException:
        raise table.refusal(_no_times(plain, kind)[codes], column, _LIMIT) from None
    named = tuple({_offset(zone) for zone in zones.unique().to_pylist() if zone})
    return Stamps(table, column, seconds[codes], not bare.all(), named)


def _no_times(texts: pa.Array, kind: pa.DataType) -> Booleans:
    """Find the texts that name no time, such as 30 February."""

    def is_none(text: pa.Scalar) -> bool:
        try:
            text.cast(kind)
        except pa.ArrowException:
            return True
        return False

    return np.array([is_none(text) for text in texts])


def _offset(text: str) -> str:
    """Write an offset as zones are named: Z and +00:00 are UTC, +0530 is +05:30."""
    digits = text.lstrip("+-").replace(":", "").ljust(4, "0")
    if text == "Z" or digits == "0000":
        return "UTC"
    return f"{text[0]}{digits[:2]}:{digits[2:]}"


def _of_times(table: Table, column: str) -> Stamps:
    table.check_given(column)
    cells = table.cells[column]
    per_s = _UNITS_PER_S[cells.type.unit]
    ticks = np.array(cells.cast(pa.int64()), dtype=np.int64)
    wrong = ticks % (60 * per_s) != 0
    if wrong.any():
        raise table.refusal(wrong, column, "must be whole minutes", "seconds or parts of them")
    zone = cells.type.tz
    zones = () if zone is None else ("UTC" if zone in ("Z", "+00:00") else zone,)
    return Stamps(table, column, ticks // per_s, zone is not None, zones)
