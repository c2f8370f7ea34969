"""The run that the dashboard opens on is what the code of today gives."""

from pathlib import Path

import numpy as np
import pytest

from profiles import fontana
from profiles.arrays import Floats
from scenarios import timeline
from scenarios.compare import compare
from scenarios.load import load
from scenarios.timeline_schema import ArmTimeline, Timeline
from tests.scenarios import timelines

FILE = Path(__file__).parents[1] / "dashboard" / "data" / "hot_day.json"
OFF = 1e-3  # kWh and USD: processors differ in the last bit, and a choice may hang on it


@pytest.fixture(scope="module")
def bundled() -> Timeline:
    """Read the file."""
    return Timeline.model_validate_json(FILE.read_bytes())


def test_the_bundled_run_is_small_and_whole(bundled: Timeline) -> None:
    assert FILE.stat().st_size <= 300_000
    assert bundled.steps_count == len(bundled.local) == 144
    assert bundled.summary is not None
    assert bundled.summary.savings is not None
    assert bundled.summary.savings.captured_of_bound_fraction is not None
    assert list(bundled.cost_usd) == ["grid_only", "self_use", "plan_alone", "market"]


def test_the_bundled_run_holds_five_in_the_afternoon_of_the_hottest_day(bundled: Timeline) -> None:
    """Of June to September, 15 days of history before it and a day after it in the data."""
    homes = fontana.read()
    by_day = homes.load_kwh.reshape(-1, 48 * homes.homes_count).sum(axis=1)
    dates = np.datetime64("2016-08-01") + np.arange(by_day.size)
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    known = (dates >= np.datetime64("2016-08-16")) & (dates < np.datetime64("2017-07-31"))
    hottest = dates[np.where(known & (month >= 6) & (month <= 9), by_day, 0.0).argmax()]
    assert f"{hottest} 17:00" in bundled.local
    shown = np.sum(bundled.arms["market"].steps.load_kwh, axis=1).reshape(3, 48).sum(axis=1)
    assert shown.argmax() == 1
    assert bundled.local[48].startswith(str(hottest))


def _columns(arm: ArmTimeline) -> dict[str, Floats]:
    steps = arm.steps.model_dump(exclude={"state", "light", "score"})
    return {name: np.array(column) for name, column in steps.items()}


def _traded_kwh(arm: ArmTimeline) -> Floats:
    """Lay trades out by step, seller and buyer."""
    found = np.zeros((len(arm.trades), 9, 9))
    for step, trades in enumerate(arm.trades):
        for seller, buyer, kwh, _ in trades:
            found[step, seller, buyer] = kwh
    return found


def test_the_bundled_run_is_what_the_code_of_today_gives(bundled: Timeline) -> None:
    """If this was meant to change: dashboard/data/README.md says how to make the file again."""
    scenario = load("fontana_mixed", options={"--start": "2017-07-07", "--days": 3})
    made = timelines.of_comparison(compare(scenario, ["self_use", "market"]))
    today = Timeline.model_validate_json(timeline.as_json(made))
    assert today.local == bundled.local
    assert today.homes == bundled.homes
    assert today.tariff_cents_per_kwh == bundled.tariff_cents_per_kwh
    for name, arm in today.arms.items():
        kept = bundled.arms[name]
        for column, values in _columns(arm).items():
            np.testing.assert_allclose(values, _columns(kept)[column], atol=OFF, err_msg=column)
        np.testing.assert_allclose(today.cost_usd[name], bundled.cost_usd[name], atol=OFF)
        np.testing.assert_allclose(_traded_kwh(arm), _traded_kwh(kept), atol=OFF)
    assert _traded_kwh(bundled.arms["market"]).sum() > 10.0
