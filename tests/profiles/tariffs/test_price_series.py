"""Series of prices: units, steps, and rows that do not follow each other."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from profiles.errors import InputError
from profiles.tables.table import opened
from profiles.tariffs.price_series import RateSeries, series_of

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

DAY = "2026-03-08T"
LMP, CENTS, EXPORT = "lmp_usd_per_mwh", "price_cents_per_kwh", "export_cents_per_kwh"


def stamps(*clocks: str, zone: str = "Z") -> list[str]:
    return [f"{DAY}{clock}{zone}" for clock in clocks]


def read(
    columns: Mapping[str, Sequence[object]],
    limits: Mapping[str, tuple[float, float]] | None = None,
) -> RateSeries:
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    Path("x.csv").write_text("\n".join(lines), encoding="utf-8")
    return series_of(opened(Path("x.csv"), ()), (LMP, CENTS), EXPORT, limits)


def refused(columns: Mapping[str, Sequence[object]]) -> str:
    with pytest.raises(InputError) as refusal:
        read(columns)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_the_name_of_a_column_says_its_unit() -> None:
    ts = stamps("00:00", "00:30")
    for column, cells in (("lmp_usd_per_mwh", ["-20", "35"]), ("price_cents_per_kwh", [-2, 3.5])):
        found = read({"ts": ts, column: cells})
        assert found.rate_per_kwh == pytest.approx([-2.0, 3.5])
        assert found.export_cents_per_kwh is None
        assert (found.step_minutes, found.zoned) == (30, True)
        assert found.end_minutes - found.start_minutes == 60


def test_a_second_column_may_say_what_exports_earn() -> None:
    columns = {"price_cents_per_kwh": [1, 2], "export_cents_per_kwh": ["7", "-8"]}
    found = read({"ts": stamps("00:00", "01:00", zone=""), **columns})
    assert found.export_cents_per_kwh is not None
    assert found.export_cents_per_kwh.tolist() == [7.0, -8.0]
    assert not found.zoned


def test_stamps_called_utc_need_no_zone() -> None:
    assert read({"ts_utc": stamps("00:00", "01:00", zone=""), "price_cents_per_kwh": [1, 2]}).zoned


@pytest.mark.parametrize("step_minutes", [5, 10, 15, 30, 60])
def test_rows_may_be_5_to_60_minutes_apart(step_minutes: int) -> None:
    clocks = [f"{n * step_minutes // 60:02}:{n * step_minutes % 60:02}" for n in range(3)]
    found = read({"ts": stamps(*clocks), "price_cents_per_kwh": [1, 2, 3]})
    assert found.step_minutes == step_minutes


def test_the_clock_may_change_where_stamps_have_an_offset() -> None:
    ts = [f"{DAY}01:00-08:00", f"{DAY}03:00-07:00", f"{DAY}04:00-07:00"]
    assert read({"ts": ts, "price_cents_per_kwh": [1, 2, 3]}).step_minutes == 60


PRICE = {"price_cents_per_kwh": [1, 2, 3]}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"ts": stamps("00:00", "01:00", "01:00"), **PRICE},
            "x.csv:4: ts: must be given once, and the row before has it too (got '2026-03-08T01:",
        ),
        (
            {"ts": stamps("00:00", "01:00", "00:30"), **PRICE},
            "x.csv:4: ts: must be later than the row before (got '2026-03-08T00:30Z')",
        ),
        (
            {"ts": stamps("00:00", "01:00", "03:00"), **PRICE},
            "x.csv:4: ts: must be 60 minutes after the row before (got 120)",
        ),
        (
            {"ts": stamps("00:00", "00:07", "00:14"), **PRICE},
            "x.csv:3: ts: must be 5, 10, 15, 30, 60 minutes after the row before (got 7, 2 such ",
        ),
        ({"ts": stamps("00:00"), "price_cents_per_kwh": [1]}, "x.csv: must have 2 rows or more"),
        (
            {"ts": ["2026-03-08T00:00Z", "2026-03-08T01:00", "2026-03-08T02:00"], **PRICE},
            "x.csv:3: ts: must have a zone, as the rows above (got '2026-03-08T01:00', 2 such in",
        ),
        (
            {"ts": stamps("00:00", "01:00", "1:30"), **PRICE},
            "x.csv:4: ts: must be a time like 2017-07-01T16:30, with an offset like -08:00 or Z o",
        ),
        (
            {"ts_utc": stamps("00:00", "01:00", "02:00:30"), **PRICE},
            "x.csv:4: ts_utc: must be whole minutes (got '2026-03-08T02:00:30Z')",
        ),
        (
            {"ts": stamps("00:00", "01:00", "02:00"), "price_cents_per_kwh": [1, "n/a", 3]},
            "x.csv:3: price_cents_per_kwh: must be a number (got 'n/a')",
        ),
        (
            {"ts": stamps("00:00", "01:00", "02:00"), "price_cents_per_kwh": [1, 2, ""]},
            "x.csv:4: price_cents_per_kwh: must be given (got nothing)",
        ),
        (
            {"ts": stamps("00:00", "01:00", "02:00"), "price_cents_per_kwh": [1, "nan", "inf"]},
            "x.csv:3: price_cents_per_kwh: must be a finite number (got nan, 2 such in all)",
        ),
        (
            {"ts": stamps("00:00", "01:00", "02:00"), "price_cents_per_kwh": [1, 2001, 3]},
            "x.csv:3: price_cents_per_kwh: must be from -500 to 2000 (got 2001.0)",
        ),
        (
            {"ts": stamps("00:00", "01:00", "02:00"), "lmp_usd_per_mwh": [1, -5001, 3]},
            "x.csv:3: lmp_usd_per_mwh: must be from -5000 to 20000 (got -5001.0)",
        ),
        (
            {"time": [1, 2, 3], **PRICE},
            "x.csv:1: must have the column ts or ts_utc, one of them (got 't",
        ),
        (
            {"ts": stamps("00:00"), "lmp": [1]},
            "must have the column lmp_usd_per_mwh or price_cents_per_kwh, one of them (got 'ts, l",
        ),
        (
            {"ts": stamps("00:00"), "lmp_usd_per_mwh": [1], "price_cents_per_kwh": [1]},
            "one of them (got 'lmp_usd_per_mwh, price_cents_per_kwh')",
        ),
        (
            {"ts": stamps("00:00"), "price_cents_per_kwh": [1], "exprot_cents_per_kwh": [1]},
            "x.csv:1: exprot_cents_per_kwh: is not a known column (known: ts, lmp_usd_per_mwh, ",
        ),
    ],
)
def test_a_series_that_is_none_is_refused(
    columns: Mapping[str, Sequence[object]], message: str
) -> None:
    assert message in refused(columns)


def test_a_band_that_is_closer_is_kept_too() -> None:
    columns = {"ts": stamps("00:00", "01:00"), LMP: [300, 310], EXPORT: [2, 9]}
    assert read(columns, {LMP: (30, 31), EXPORT: (2, 9)}).rate_per_kwh.tolist() == [30, 31]
    for limits, message in (
        ({LMP: (30, 30.5)}, "x.csv:3: lmp_usd_per_mwh: must be from 300 to 305 (got 310.0)"),
        (
            {EXPORT: (3, 7)},
            "x.csv:2: export_cents_per_kwh: must be from 3 to 7 (got 2.0, 2 such in",
        ),
    ):
        with pytest.raises(InputError) as refusal:
            read(columns, limits)
        assert str(refusal.value).startswith(message)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize(("zone", "column"), [("America/Los_Angeles", "ts"), (None, "ts_utc")])
def test_parquet_is_read_alike(unit: str, zone: str | None, column: str) -> None:
    hours = pa.array([0, 3600], pa.timestamp("s")).cast(pa.timestamp(unit))
    ts = hours if zone is None else hours.cast(pa.int64()).cast(pa.timestamp(unit, zone))
    parquet.write_table(pa.table({column: ts, CENTS: pa.array([1, 2], pa.int16())}), "x.parquet")
    found = series_of(opened(Path("x.parquet"), ()), (CENTS,))
    assert (found.start_minutes, found.step_minutes, found.zoned) == (0, 60, True)
    assert found.rate_per_kwh.tolist() == [1.0, 2.0]


def test_a_cell_of_parquet_is_refused_with_its_row() -> None:
    ts = pa.array([0, 3600], pa.timestamp("s", "UTC"))
    parquet.write_table(pa.table({"ts": ts, CENTS: [1.0, None]}), "x.parquet")
    with pytest.raises(InputError) as refusal:
        series_of(opened(Path("x.parquet"), ()), (CENTS,))
    assert str(refusal.value) == (
        "x.parquet: row 2: price_cents_per_kwh: must be given (got nothing)"
    )


HEADS = st.sampled_from(["", "ts,price_cents_per_kwh\n", "ts_utc,lmp_usd_per_mwh\n"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HEADS, st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_no_content_makes_the_reader_fail_otherwise(head: str, content: bytes) -> None:
    for name in ("x.csv", "x.parquet"):
        Path(name).write_bytes(head.encode() + content)
        try:
            message = series_of(opened(Path(name), ()), (LMP, CENTS), EXPORT).name
        except InputError as error:
            message = str(error)
        assert message.startswith(name)
        assert "\n" not in message
