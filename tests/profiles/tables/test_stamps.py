"""Stamps become instants, whatever they look like."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from profiles.arrays import Integers
from profiles.errors import FitError, InputError
from profiles.tables.stamps import Stamps, instants, stamps, zone_of
from profiles.tables.table import opened, table

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

LOS_ANGELES = "America/Los_Angeles"


def _of(*texts: str) -> Stamps:
    lines = "".join(f"{text},1\n" for text in texts)
    Path("a.csv").write_text(f"ts,load_kwh\n{lines}", encoding="utf-8")
    return stamps(table(opened(Path("a.csv"))))


def _of_times(column: pa.Array) -> Stamps:
    parquet.write_table(pa.table({"ts": column}), "a.parquet")
    return stamps(table(opened(Path("a.parquet"))))


def _utc(*texts: str) -> list[int]:
    return np.array(texts, "datetime64[s]").astype(np.int64).tolist()


@pytest.mark.parametrize(
    ("text", "utc", "zone"),
    [
        ("2017-07-01T16:30-08:00", "2017-07-02T00:30", "-08:00"),
        ("2017-07-01 16:30:00-0800", "2017-07-02T00:30", "-08:00"),
        ("2017-07-01 16:30:00.000-08", "2017-07-02T00:30", "-08:00"),
        ("2017-07-01T16:30Z", "2017-07-01T16:30", "UTC"),
        ("2017-07-01T16:30:00.000Z", "2017-07-01T16:30", "UTC"),
        ("2017-07-01 16:30+00:00", "2017-07-01T16:30", "UTC"),
        ("2017-07-01 16:30+05:45", "2017-07-01T10:45", "+05:45"),
        (" 2017-07-01 16:30Z ", "2017-07-01T16:30", "UTC"),
    ],
)
def test_a_stamp_with_an_offset_is_an_instant(text: str, utc: str, zone: str) -> None:
    found = _of(text)
    assert zone_of([found], None) == zone
    assert zone_of([found], LOS_ANGELES) == LOS_ANGELES
    assert instants(found, LOS_ANGELES, None).tolist() == _utc(utc)


@pytest.mark.parametrize("text", ["2017-07-01T16:30", "2017-07-01 16:30:00"])
def test_a_stamp_without_a_zone_is_of_the_clock_that_was_typed(text: str) -> None:
    found = _of(text)
    assert instants(found, "-08:00", None).tolist() == _utc("2017-07-02T00:30")
    assert instants(found, LOS_ANGELES, None).tolist() == _utc("2017-07-01T23:30")
    with pytest.raises(FitError, match=r"the stamps of a.csv have no zone \(got null\)") as error:
        zone_of([found], None)
    assert error.value.path == "profiles.zone"


def test_offsets_that_change_need_a_clock() -> None:
    found = _of("2026-03-08T01:30-08:00", "2026-03-08T03:00-07:00")
    with pytest.raises(FitError, match=r"stamps have -07:00, -08:00 \(got null\)"):
        zone_of([found], None)
    assert instants(found, LOS_ANGELES, None).tolist() == _utc(
        "2026-03-08T09:30", "2026-03-08T10:00"
    )


def test_the_hour_that_comes_twice_is_told_apart_by_order() -> None:
    found = _of("2026-11-01 01:30", "2026-11-01 01:00", "2026-11-01 01:30", "2026-11-01 02:00")
    expected = _utc("2026-11-01T08:30", "2026-11-01T08:00", "2026-11-01T09:30", "2026-11-01T10:00")
    assert instants(found, LOS_ANGELES, None).tolist() == expected


def test_a_row_that_is_missing_from_the_first_pass_leaves_the_second_in_place() -> None:
    # 01:00, then 01:00 again and 01:30: the half hour belongs to the second pass, an hour later.
    found = _of("2026-11-01 01:00", "2026-11-01 01:00", "2026-11-01 01:30", "2026-11-01 02:00")
    expected = _utc("2026-11-01T08:00", "2026-11-01T09:00", "2026-11-01T09:30", "2026-11-01T10:00")
    assert instants(found, LOS_ANGELES, None).tolist() == expected
    # Missing from the second pass, it stays in the first.
    found = _of("2026-11-01 01:00", "2026-11-01 01:30", "2026-11-01 01:00", "2026-11-01 02:00")
    expected = _utc("2026-11-01T08:00", "2026-11-01T08:30", "2026-11-01T09:00", "2026-11-01T10:00")
    assert instants(found, LOS_ANGELES, None).tolist() == expected


def test_the_hour_that_comes_twice_is_told_apart_home_by_home() -> None:
    found = _of(*["2026-11-01 01:30"] * 4)
    homes: Integers = np.array([1, 0, 0, 1])
    first, second = _utc("2026-11-01T08:30", "2026-11-01T09:30")
    assert instants(found, LOS_ANGELES, homes).tolist() == [first, first, second, second]


@pytest.mark.parametrize(
    ("column", "zone", "seconds"),
    [
        (pa.array([0, 1800], pa.timestamp("s")), None, [0, 1800]),
        (pa.array([0, 1_800_000], pa.timestamp("ms", "UTC")), "UTC", [0, 1800]),
        (pa.array([60 * 10**6], pa.timestamp("us", LOS_ANGELES)), LOS_ANGELES, [60]),
        (pa.array([60 * 10**9], pa.timestamp("ns", "+00:00")), "UTC", [60]),
        (pa.array(["1970-01-01T00:01Z"]), "UTC", [60]),
    ],
)
def test_times_of_parquet_keep_their_zone(
    column: pa.Array, zone: str | None, seconds: list[int]
) -> None:
    found = _of_times(column)
    assert (found.clock_s.tolist(), found.zoned) == (seconds, zone is not None)
    assert found.zones == (() if zone is None else (zone,))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["2017-07-01T16:30", "soon"], "a.csv:3: ts: must be a time like 2017-07-01T16:30, with"),
        (["2017-07-01"], "a.csv:2: ts: must be a time like"),
        (["01.07.2017 16:30"], "a.csv:2: ts: must be a time like"),
        (["07/01/2017 16:30"], "a.csv:2: ts: must be a time like"),
        (["1498926600"], "a.csv:2: ts: must be a time like"),
        (["2017-02-30T00:00", "2017-07-01T16:30"], "a.csv:2: ts: must be a time like"),
        (["2017-07-01T24:00"], "a.csv:2: ts: must be a time like"),
        (["2017-07-01T16:30+15:00"], "a.csv:2: ts: must be a time like"),
        (["2017-07-01T16:30 PST"], "a.csv:2: ts: must be a time like"),
        ([""], "a.csv:2: ts: must be a time like"),
        (["2017-07-01T16:30Z", "2017-07-01T17:00"], "a.csv:3: ts: must have a zone, as the rows a"),
        (["2017-07-01T16:30", "2017-07-01T17:00Z"], "a.csv:3: ts: must have no zone, as the rows"),
        (["1900-01-01T00:00"], "a.csv:2: ts: the year must be from 1970 to 2199 (got '1900-01-01T"),
        (["2200-01-01T00:00Z"], "a.csv:2: ts: the year must be from 1970 to 2199 (got '2200-01-0"),
        (["2017-07-01T16:30:10"], "a.csv:2: ts: must be whole minutes (got '2017-07-01T16:30:10')"),
    ],
)
def test_what_is_no_time_is_refused_with_its_line(texts: list[str], message: str) -> None:
    with pytest.raises(InputError) as refusal:
        _of(*texts)
    assert str(refusal.value).startswith(message)


def test_the_hour_that_is_left_out_is_refused() -> None:
    found = _of("2026-03-08 01:30", "2026-03-08 02:30")
    with pytest.raises(InputError, match=r"^a.csv:3: ts: the clock of America/Los_Angeles leaves"):
        instants(found, LOS_ANGELES, None)
    assert np.diff(instants(found, "-08:00", None)).tolist() == [3600]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pa.array([None, 0], pa.timestamp("s")), "a.parquet: row 1: ts: must be given"),
        (pa.array([0, 1], pa.timestamp("ms")), "a.parquet: row 2: ts: must be whole minutes"),
        (pa.array([-60], pa.timestamp("s")), "a.parquet: row 1: ts: the year must be from 1970"),
        (pa.array([2**62], pa.timestamp("us")), "a.parquet: row 1: ts: must be whole minutes"),
        (pa.array([6 * 10**18], pa.timestamp("us")), "a.parquet: row 1: ts: the year must be from"),
    ],
)
def test_a_time_of_parquet_is_refused_with_its_row(column: pa.Array, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        _of_times(column)
    assert str(refusal.value).startswith(message)


def test_an_unknown_zone_in_a_file_is_refused() -> None:
    found = _of_times(pa.array([0], pa.timestamp("s", "Mars/Olympus")))
    with pytest.raises(InputError, match=r"^a.parquet: ts: zone: must be an IANA name like"):
        zone_of([found], None)
