"""Series of prices: units, steps, and rows that do not follow each other."""

from collections.abc import Mapping, Sequence

import pytest

from profiles.errors import InputError
from profiles.profiles import Input
from profiles.tariffs.price_series import PriceSeries, series_of
from profiles.tariffs.table_file import Table

DAY = "2026-03-08T"


def table(columns: Mapping[str, Sequence[object]]) -> Table:
    rows = len(next(iter(columns.values())))
    return Table("x.csv", columns, range(2, rows + 2), Input("x.csv", 0, ""))


def stamps(*clocks: str, zone: str = "Z") -> list[str]:
    return [f"{DAY}{clock}{zone}" for clock in clocks]


def read(columns: Mapping[str, Sequence[object]]) -> PriceSeries:
    return series_of(
        table(columns), ("lmp_usd_per_mwh", "price_cents_per_kwh"), "export_cents_per_kwh"
    )


def refused(columns: Mapping[str, Sequence[object]]) -> str:
    with pytest.raises(InputError) as refusal:
        read(columns)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_the_name_of_a_column_says_its_unit() -> None:
    ts = stamps("00:00", "00:30")
    for column, cells in (("lmp_usd_per_mwh", ["-20", "35"]), ("price_cents_per_kwh", [-2, 3.5])):
        found = read({"ts": ts, column: cells})
        assert found.price_cents_per_kwh == pytest.approx([-2.0, 3.5])
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
            "x.csv:4: ts: must be 60 minutes after the row before, not 120, (got '2026-03-08T03",
        ),
        (
            {"ts": stamps("00:00", "00:07", "00:14"), **PRICE},
            "x.csv:3: ts: must be 5, 10, 15, 30, 60 minutes after the row before, not 7, (got",
        ),
        ({"ts": stamps("00:00"), "price_cents_per_kwh": [1]}, "x.csv: must have 2 rows or more"),
        (
            {"ts": stamps("00:00", "01:00", "02:00"), "price_cents_per_kwh": [1, 2001, 3]},
            "x.csv:3: price_cents_per_kwh: must be from -500 to 2000 (got 2001)",
        ),
        (
            {"ts": stamps("00:00", "01:00", "02:00"), "lmp_usd_per_mwh": [1, -5001, 3]},
            "x.csv:3: lmp_usd_per_mwh: must be from -5000 to 20000 (got -5001)",
        ),
        ({"time": [1], **PRICE}, "x.csv:1: must have the column ts or ts_utc, one of them (got 't"),
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
            "x.csv:1: 'exprot_cents_per_kwh' is not a known column (known: ts, lmp_usd_per_mwh, ",
        ),
    ],
)
def test_a_series_that_is_none_is_refused(
    columns: Mapping[str, Sequence[object]], message: str
) -> None:
    assert message in refused(columns)
