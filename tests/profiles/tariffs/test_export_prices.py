"""What exports earn: one price, a series, a table of credits."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from profiles.errors import InputError
from profiles.local_time import utc_from_local
from profiles.tables.table import File, opened
from profiles.tariffs.day_kinds import NO_HOLIDAYS, HolidayRule
from profiles.tariffs.export_prices import ExportSeries, FlatExport, table_of
from profiles.tariffs.price_series import RateSeries
from profiles.tariffs.span import span_of

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

CALIFORNIA = "America/Los_Angeles"
LABOR_DAY = HolidayRule("US", None, ("Labor Day",))


def credits_of(rows_count: int = 576, **changes: Mapping[int, object]) -> File:
    """Write credits that tell month, kind of day and hour; cells may be changed by row."""
    rows = [
        (str(month), kind, str(hour), str(month + place + hour / 100))
        for month in range(1, 13)
        for place, kind in ((0.0, "weekdays"), (0.5, "weekends_and_holidays"))
        for hour in range(24)
    ][:rows_count]
    columns: dict[str, list[object]] = {
        name: list(cells)
        for name, cells in zip(
            ("month", "day_kind", "hour", "export_cents_per_kwh"),
            zip(*rows, strict=True),
            strict=True,
        )
    }
    for name, cells in changes.items():
        for row, cell in cells.items():
            columns[name][row] = cell
    return _file(columns)


def _file(columns: Mapping[str, Sequence[object]]) -> File:
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    Path("x.csv").write_text("\n".join(lines), encoding="utf-8")
    return opened(Path("x.csv"), ())


def test_one_price_holds_at_all_times() -> None:
    span = span_of(utc_from_local("2026-01-01", "UTC"), 30, 3, "UTC")
    assert FlatExport(-2.5).exports(span).tolist() == [-2.5] * 3


def test_a_series_pays_hour_by_hour() -> None:
    start = int(np.datetime64("2026-01-01", "m").astype(np.int64))
    series = RateSeries("x.csv", start, 60, True, np.array([1.0, 80.0]), None)
    span = span_of(utc_from_local("2026-01-01", "UTC"), 30, 4, "UTC")
    assert ExportSeries(series, "none").exports(span).tolist() == [1.0, 1.0, 80.0, 80.0]


@pytest.mark.parametrize(
    ("date", "first"),
    [
        ("2026-09-04", 9.0),  # a Friday
        ("2026-09-05", 9.5),
        ("2026-09-07", 9.5),  # Labor Day, a Monday
        ("2026-02-16", 2.0),  # Presidents' Day, which this rule does not name
    ],
)
def test_credits_go_by_month_kind_of_day_and_hour(date: str, first: float) -> None:
    known = table_of(credits_of(), LABOR_DAY)
    day = span_of(utc_from_local(date, CALIFORNIA), 30, 48, CALIFORNIA)
    expected = [first + hour / 100 for hour in range(24) for _ in range(2)]
    assert known.exports(day) == pytest.approx(expected)


def test_credits_follow_the_clock_when_it_changes() -> None:
    known = table_of(credits_of(), NO_HOLIDAYS)
    for date, hours in (
        ("2026-03-08", [0, 1, *range(3, 24)]),
        ("2026-11-01", [0, 1, 1, *range(2, 24)]),
    ):
        day = span_of(utc_from_local(date, CALIFORNIA), 60, len(hours), CALIFORNIA)
        first = int(date[5:7]) + 0.5  # both are Sundays
        assert known.exports(day) == pytest.approx([first + hour / 100 for hour in hours])


def test_one_row_may_serve_both_kinds_of_day() -> None:
    columns = {
        "month": [month for month in range(1, 13) for _ in range(24)],
        "day_kind": ["all"] * 288,
        "hour": [*range(24)] * 12,
        "export_cents_per_kwh": [7.5] * 288,
    }
    assert (table_of(_file(columns), NO_HOLIDAYS).cents_per_kwh == 7.5).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"month": {3: "13"}}, "x.csv:5: month: must be from 1 to 12 (got 13)"),
        ({"hour": {0: "24"}}, "x.csv:2: hour: must be from 0 to 23 (got 24)"),
        ({"hour": {0: "0.5"}}, "x.csv:2: hour: must be a whole number (got '0.5')"),
        ({"day_kind": {0: "weekend"}}, "day_kind: must be one of all, weekdays, weekends_and_hol"),
        ({"export_cents_per_kwh": {0: ""}}, "export_cents_per_kwh: must be given (got nothing)"),
        ({"hour": {1: "0"}}, "x.csv:3: hour: an hour must have one credit, and this has two"),
        ({"day_kind": {24: "all"}}, "x.csv:26: hour: an hour must have one credit"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_line(
    changes: Mapping[str, Mapping[int, object]], message: str
) -> None:
    with pytest.raises(InputError) as refusal:
        table_of(credits_of(**changes), NO_HOLIDAYS)
    assert message in str(refusal.value)


def test_an_hour_without_a_credit_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        table_of(credits_of(575), NO_HOLIDAYS)
    assert str(refusal.value) == (
        "x.csv: every hour must have a credit "
        "(got none for month 12, weekends_and_holidays, hour 23)"
    )


def test_a_table_of_other_columns_is_refused() -> None:
    columns: dict[str, list[object]] = {"month": [1], "hour": [1]}
    with pytest.raises(InputError) as refusal:
        table_of(_file(columns), NO_HOLIDAYS)
    assert str(refusal.value) == "x.csv:1: day_kind: is missing (columns: month, hour)"
    with pytest.raises(InputError, match=r"^x.csv:1: note: is not a known column \(known: mo"):
        table_of(_file({**columns, "note": ["n/a"]}), NO_HOLIDAYS)
