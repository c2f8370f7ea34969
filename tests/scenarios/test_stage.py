"""What a timeline is about: windows of a run, rows of homes, the arms that are shown."""

from dataclasses import replace

import numpy as np
import pytest

from profiles.errors import InputError
from profiles.local_time import utc_from_local
from scenarios import stage
from scenarios.equipment import Equipment
from scenarios.stage import ROWS_MAX, STEPS_MAX, Span, Stage, Window, default_window, rows, window

CALIFORNIA = "America/Los_Angeles"
OWNED = Equipment(
    has_pv=True,
    battery_capacity_kwh=0.0,
    stored_kwh_initial=0.0,
    stored_value_cents_per_kwh=0.0,
    wallet_usd_initial=0.0,
)


def _span(start: str, steps_count: int, step_minutes: int = 30) -> Span:
    return Span(utc_from_local(start, CALIFORNIA), step_minutes, steps_count, CALIFORNIA)


def test_a_run_is_shown_whole_unless_somebody_chooses() -> None:
    assert window(_span("2017-07-01", 336)) == Window(0, 336)


@pytest.mark.parametrize(
    ("start", "days", "first", "steps_count"),
    [
        ("2017-07-02", None, 48, 288),
        ("2017-07-02", 2, 48, 96),
        ("2017-07-07", 9, 288, 48),  # as far as the run goes
        (None, 1, 0, 48),
        (None, 400, 0, 336),
    ],
)
def test_local_dates_choose_a_part(
    start: str | None, days: int | None, first: int, steps_count: int
) -> None:
    assert window(_span("2017-07-01", 336), start, days) == Window(first, steps_count)


def test_dates_are_as_long_as_the_clock_makes_them() -> None:
    """The clock is put back on November 5 and forward on March 12."""
    autumn, spring = _span("2017-11-04T12:00", 200), _span("2017-03-11", 200)
    assert window(autumn, None, 1) == Window(0, 24)  # what is left of the first date
    assert window(autumn, "2017-11-05", 1) == Window(24, 50)
    assert window(spring, "2017-03-12", 1) == Window(48, 46)
    assert autumn.local(Window(24, 50))[1:6] == [
        f"2017-11-05 0{clock}" for clock in ("0:30", "1:00", "1:30", "1:00", "1:30")
    ]
    assert autumn.days(Window(24, 50)) == spring.days(Window(48, 46)) == 1.0


@pytest.mark.parametrize(
    ("start", "days", "told"),
    [
        ("2017-06-30", None, "--start: must be from 2017-07-01 to 2017-08-11 (got 2017-06-30)"),
        ("2017-08-12", 1, "--start: must be from 2017-07-01 to 2017-08-11"),
        ("1492-01-01", 1, "--start: must be from"),
        ("July", None, "--start: must be a date like 2017-07-01 (got 'July')"),
        ("", None, "--start: must be a date like"),
        ("2017-07-01\n" * 9, None, "--start: must be a date like"),
        (None, 0, "--days: must be at least 1 (got 0)"),
        (None, None, "--days: must choose at most 1500 steps (got 2000; --start DATE and"),
        (None, 32, "--days: must choose at most 1500 steps (got 1536;"),
    ],
)
def test_other_dates_and_longer_windows_are_refused(
    start: str | None, days: int | None, told: str
) -> None:
    with pytest.raises(InputError) as refusal:
        window(_span("2017-07-01", 2000), start, days)
    assert str(refusal.value).startswith(told)


@pytest.mark.parametrize(
    ("start", "steps_count", "step_minutes", "shown"),
    [
        ("2017-07-01", 1500, 30, 1500),
        ("2017-07-01", 1501, 30, 31 * 48),
        ("2017-11-01", 17520, 30, 31 * 48 + 2),  # an hour more
        ("2017-07-01T12:00", 17520, 30, 24 + 30 * 48),
        ("2017-07-01", 17520, 15, 15 * 96),
        ("2017-07-01", 8760, 60, 31 * 24),
    ],
)
def test_of_a_long_run_the_first_31_dates_are_shown_or_what_fits(
    start: str, steps_count: int, step_minutes: int, shown: int
) -> None:
    found = default_window(_span(start, steps_count, step_minutes))
    assert found == Window(0, shown)
    assert shown <= STEPS_MAX


def test_up_to_sixty_homes_have_a_row_each() -> None:
    assert rows(ROWS_MAX, np.zeros(0)).tolist() == list(range(ROWS_MAX))


def test_of_more_homes_the_heaviest_have_a_row_in_their_order() -> None:
    weight = np.zeros(64)
    weight[[63, 2]] = 9.0, 5.0  # the other 58 places go to the first of those that are equal
    row_of = rows(64, weight)
    assert row_of[:59].tolist() == list(range(59))
    assert row_of[59:63].tolist() == [60] * 4
    assert row_of[63] == 59
    assert np.bincount(row_of).tolist() == [1] * 60 + [4]


@pytest.mark.parametrize(
    ("arms", "optimized", "baseline"),
    [
        (("gross", "grid_only", "self_use", "plan_alone", "market", "score_rule"), "market",
         "self_use"),
        (("gross", "grid_only", "market"), "market", "grid_only"),
        (("grid_only", "self_use"), "self_use", "grid_only"),
        (("gross", "market"), "market", "gross"),
        (("market",), "market", None),
    ],
)  # fmt: skip
def test_the_market_is_shown_beside_homes_on_their_own(
    arms: tuple[str, ...], optimized: str, baseline: str | None
) -> None:
    span, ids = _span("2017-07-01", 48), np.array([1])
    one = Stage("mine", 0, span, Window(0, 48), arms, ids, (OWNED,), np.array([0]))
    assert (one.optimized, one.baseline) == (optimized, baseline)
    assert one.shown == tuple(name for name in (optimized, baseline) if name)
    assert one.title == "mine: 1 home, 1 day from 2017-07-01 00:00"
    part = replace(one, window=Window(12, 12), home_ids=np.arange(9), row_of=np.arange(9))
    assert part.title == "mine: 9 homes, 0.25 days from 2017-07-01 06:00"


def test_days_are_counted_as_people_do() -> None:
    assert stage.title("a", 1, 1.0, "b") == "a: 1 home, 1 day from b"
    assert stage.title("a", 2, 31.0, "b") == "a: 2 homes, 31 days from b"
