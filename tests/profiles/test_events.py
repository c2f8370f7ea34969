"""Events multiply what homes use, and a file that is wrong is refused with its line."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import events
from profiles.errors import InputError
from profiles.profiles import Profiles

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

HEAD = "start,end,homes,load_factor"
ONE = "2017-06-06T17:00,2017-06-06T18:00"  # steps 82 and 83 of homes 2, 5 and 9


def _applied(profiles: Profiles, *rows: str, head: str = HEAD) -> Profiles:
    Path("events.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return events.applied(profiles, "events.csv")


def test_the_load_of_those_homes_is_multiplied_from_start_to_before_end(
    three_homes: Profiles,
) -> None:
    made = _applied(three_homes, f"{ONE},2 9,2.5")
    factor = np.ones(three_homes.load_kwh.shape)
    factor[82:84, [0, 2]] = 2.5
    np.testing.assert_array_equal(made.load_kwh, factor * three_homes.load_kwh)
    assert made.pv_kwh is three_homes.pv_kwh
    assert not made.load_kwh.flags.writeable
    assert [each.name for each in made.origin.inputs] == ["profiles.events_path: events.csv"]


def test_all_names_every_home_and_events_that_meet_multiply(three_homes: Profiles) -> None:
    made = _applied(
        three_homes, f"{ONE},all,2", f"{ONE},5,3", "2017-06-06T00:00,2017-06-06T00:30,5,0"
    )
    np.testing.assert_allclose(
        made.load_kwh[82] / three_homes.load_kwh[82], [2.0, 6.0, 2.0], rtol=1e-15
    )
    assert made.load_kwh[48].tolist() == [three_homes.load_kwh[48, 0], 0.0, made.load_kwh[48, 2]]


def test_a_stamp_with_a_zone_is_converted_and_appliances_follow(three_homes: Profiles) -> None:
    known = replace(three_homes, appliances_kwh={"misc": three_homes.load_kwh})
    made = _applied(known, "2017-06-07T00:00Z,2017-06-07T01:00Z,2 9,2.5")
    np.testing.assert_array_equal(made.load_kwh[82], [2.5, 1, 2.5] * three_homes.load_kwh[82])
    np.testing.assert_array_equal(made.appliances_kwh["misc"], made.load_kwh)


def test_an_event_may_last_from_the_first_step_to_the_last(three_homes: Profiles) -> None:
    made = _applied(three_homes, "2017-06-05T00:00,2017-06-25T00:00,all,0.5")
    np.testing.assert_array_equal(made.load_kwh, 0.5 * three_homes.load_kwh)


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 900), st.integers(1, 59), st.sampled_from([2, 5, 9]),
            st.sampled_from([0.0, 0.5, 1.0, 3.0]),
        ),
        min_size=1,
        max_size=6,
    ),
    reverse=st.booleans(),
)  # fmt: skip
def test_the_order_of_the_rows_says_nothing(
    synthetic_homes: Callable[..., Profiles], rows: list[tuple[int, int, int, float]], reverse: bool
) -> None:
    homes = synthetic_homes()
    start = np.datetime64("2017-06-05T00:00")
    lines = [
        f"{start + 30 * first},{start + 30 * (first + count)},{home},{factor}"
        for first, count, home, factor in rows
    ]
    expected = homes.load_kwh.copy()
    for first, count, home, factor in rows:
        expected[first : first + count, [2, 5, 9].index(home)] *= factor
    made = _applied(homes, *(reversed(lines) if reverse else lines))
    np.testing.assert_allclose(made.load_kwh, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("", "events.csv: must have rows below the names of the columns (got 0)"),
        ("2017-06-06T17:10,2017-06-06T18:00,all,2", "start: must be the start of a 30-minute st"),
        ("noon,2017-06-06T18:00,all,2", "start: must be a time like 2017-07-01T16:30"),
        ("2017-06-06T18:00,2017-06-06T18:00,all,2", "end: must be after start (got '2017-06-06T1"),
        ("2016-06-06T17:00,2017-06-06T18:00,all,2", "start: must lie within the profiles (got '2"),
        ("2017-06-06T17:00,2017-06-25T00:30,all,2", "end: must lie within the profiles (got '201"),
        (f"{ONE},7,2", "homes: must be homes of the profiles (got '7')"),
        (f"{ONE},2 2,2", "homes: must name each home once (got '2 2')"),
        (f"{ONE},2;5,2", "homes: must be ids with spaces between them, or all (got '2;5')"),
        (f"{ONE},2 all,2", "homes: must be ids with spaces between them, or all (got '2 all')"),
        (f"{ONE},99999999999999999999,2", "homes: must be ids with spaces between them, or all"),
        (f"{ONE},,2", "homes: must be ids with spaces between them, or all (got '')"),
        (f"{ONE},all,", "load_factor: must be given (got nothing)"),
        (f"{ONE},all,-1", "load_factor: must be from 0 to 100 (got -1.0)"),
        (f"{ONE},all,101", "load_factor: must be from 0 to 100 (got 101.0)"),
        (f"{ONE},all,twice", "load_factor: must be a number (got 'twice')"),
        (f"{ONE},all,nan", "load_factor: must be a"),
    ],
)
def test_a_row_that_is_wrong_is_refused_in_one_line(
    three_homes: Profiles, row: str, says: str
) -> None:
    with pytest.raises(InputError) as refusal:
        _applied(three_homes, *([row] if row else []))
    text = str(refusal.value)
    assert says in text
    assert text.startswith("events.csv:2: " if row else "events.csv: ")
    assert "\n" not in text


def test_columns_are_those_that_are_known(three_homes: Profiles) -> None:
    with pytest.raises(InputError, match=r"^events.csv:1: load_factor: is missing"):
        _applied(three_homes, f"{ONE},all", head="start,end,homes")
    with pytest.raises(InputError, match=r"^events.csv:1: pv_factor: is not a known column"):
        _applied(three_homes, f"{ONE},all,2,1", head=f"{HEAD},pv_factor")


def test_a_file_that_is_not_there_is_the_fault_of_the_knob(three_homes: Profiles) -> None:
    with pytest.raises(InputError, match=r"^profiles.events_path: must be a file \(got 'no.csv'\)"):
        events.applied(three_homes, "no.csv")


def test_events_that_meet_multiply_by_no_more_than_one_may(three_homes: Profiles) -> None:
    with pytest.raises(InputError, match=r"^events.csv:3: load_factor: must be at most 100, times"):
        _applied(three_homes, f"{ONE},all,50", f"{ONE},5,2.1")
