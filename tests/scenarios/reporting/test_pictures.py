"""The pictures of a run show its figures, and hours and days in their places."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.errors import InputError
from profiles.local_time import local_time
from scenarios.compare import Comparison
from scenarios.reporting import pictures
from scenarios.reporting.course import Course, of_comparison
from scenarios.reporting.folders import Collection


@pytest.fixture(scope="module")
def course(collection: Collection) -> Course:
    return collection.runs[0].course


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_the_costs_are_written_beside_the_bars(course: Course) -> None:
    shown = " ".join(texts(pictures.picture(course, "costs")))
    for name, arm in course.figures.arms.items():
        assert name in shown
        digits = 0 if arm.cost_usd >= 100.0 else 2
        assert f"{arm.cost_usd:.{digits}f}" in shown


def test_the_steps_fall_from_the_meter_to_the_market(course: Course) -> None:
    shown = texts(pictures.picture(course, "added"))
    arms, added = course.figures.arms, course.figures.added
    assert f"{arms['gross'].cost_usd:.2f}" in shown
    assert f"{arms['market'].cost_usd:.2f}" in shown
    for saved_usd in added.model_dump().values():
        assert f"{-saved_usd:+.2f}" in shown


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_every_picture_says_in_words_what_it_shows_and_is_the_same_again(
    course: Course, kind: str
) -> None:
    svg = pictures.picture(course, kind)
    title = re.search(r"<dc:title>([^<]+)</dc:title>", svg)
    assert title is not None
    assert re.search(r"\d", title[1])
    assert pictures.picture(course, kind) == svg


def test_what_was_not_run_is_not_drawn(comparison: Comparison) -> None:
    alone = replace(comparison, arms={"grid_only": comparison.arms["grid_only"]}, bounds={})
    course = of_comparison(alone)
    assert pictures.picture(course, "added") == pictures.picture(course, "gains") == ""
    assert "price of trades" not in pictures.picture(course, "heat")
    assert "grid_only" in pictures.picture(course, "load_duration")


def test_a_picture_that_there_is_none_of_is_refused(course: Course) -> None:
    with pytest.raises(InputError, match=r"plot: must be one of costs, .* \(got 'pie'\)"):
        pictures.picture(course, "pie")


@given(st.lists(st.floats(-50.0, 50.0), min_size=1, max_size=1000))
def test_a_load_duration_falls_from_the_highest_to_the_lowest(load_kw: list[float]) -> None:
    share, shown_kw = pictures.duration(np.array(load_kw))
    assert (share[0], share[-1]) == (0.0, 1.0)
    assert (np.diff(shown_kw) <= 0.0).all()
    assert (shown_kw[0], shown_kw[-1]) == (max(load_kw), min(load_kw))
    assert set(shown_kw.tolist()) <= set(load_kw)


def test_a_map_has_a_slot_for_each_hour_and_a_column_for_each_day(course: Course) -> None:
    values = np.arange(144.0)
    found = pictures.over_days(course, values)
    assert found.shape == (48, 3)
    assert found[:, 1].tolist() == values[48:96].tolist()


def test_an_hour_shown_twice_is_their_mean_and_one_left_out_is_empty(course: Course) -> None:
    zone = "America/Los_Angeles"
    back = local_time(np.datetime64("2018-11-04T07:00:00", "s"), 30, 50, zone)
    found = pictures.over_days(replace(course, local=back), np.arange(50.0))
    assert found.shape == (48, 1)
    assert found[:5, 0].tolist() == [0.0, 1.0, 3.0, 4.0, 6.0]  # 2 and 4, 3 and 5 share a slot
    ahead = local_time(np.datetime64("2018-03-11T08:00:00", "s"), 30, 46, zone)
    found = pictures.over_days(replace(course, local=ahead), np.arange(46.0))
    assert np.flatnonzero(np.isnan(found[:, 0])).tolist() == [4, 5]


def test_steps_without_a_value_leave_their_slots_empty(course: Course) -> None:
    values = np.full(144, np.nan)
    values[10] = 7.0
    found = pictures.over_days(course, values)
    assert found[10, 0] == 7.0
    assert np.isnan(found).sum() == 143
