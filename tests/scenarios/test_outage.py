"""When the main grid fails, by the clock of the homes, and what is refused."""

from typing import Any

import pytest

from profiles.errors import FitError
from profiles.profiles import Profiles
from scenarios import build, fit, outage
from scenarios.genesis import genesis
from scenarios.schema import Scenario

FROM = (
    "grid.outage_start: must be the start of a 60-minute step of the run, from "
    "2017-03-16 00:00 to 2017-03-20 23:00"
)


def _without(start: str | None, hours: float = 4.0, **run: Any) -> Scenario:  # noqa: ANN401, any
    days = {"start": "2017-03-16", "days": 5, "step_minutes": 60} | run
    return Scenario.model_validate(
        {"run": days, "grid": {"outage_start": start, "outage_hours": hours}}
    )


def _steps(scenario: Scenario, profiles: Profiles) -> range:
    return outage.steps(scenario, profiles, fit.span(scenario, profiles))


def test_steps_are_counted_from_the_first_of_the_run(meters: Profiles) -> None:
    assert _steps(_without("2017-03-16T00:00"), meters) == range(4)
    assert _steps(_without("2017-03-17T16:00"), meters) == range(40, 44)
    assert _steps(_without(None), meters) == range(0)


def test_one_that_outlasts_the_run_ends_with_it(meters: Profiles) -> None:
    assert _steps(_without("2017-03-20T22:00", 24.0), meters) == range(118, 120)


@pytest.mark.parametrize(
    ("scenario", "says"),
    [
        (_without("2017-03-15T23:00"), f"{FROM} (got 2017-03-15T23:00)"),
        (_without("2017-03-21T00:00"), "grid.outage_start: must be the start of a 60-minute step"),
        (_without("2017-03-16T00:30"), "grid.outage_start: must be the start of a 60-minute step"),
        (_without("soon"), "grid.outage_start: "),
        (
            _without("2017-03-16T00:00", 2.5),
            "grid.outage_hours: must be a whole number of steps of 1 h (got 2.5)",
        ),
    ],
)
def test_one_that_does_not_fit_is_refused_in_one_line(
    meters: Profiles, scenario: Scenario, says: str
) -> None:
    with pytest.raises(FitError) as refusal:
        fit.check(scenario, meters)
    assert str(refusal.value).startswith(says)
    assert "\n" not in str(refusal.value)


def test_all_arms_share_it(small: Scenario) -> None:
    dark = small.model_copy(
        update={"grid": small.grid.model_copy(update={"outage_start": small.run.start})}
    )
    assert build.ground(dark).outage == range(8)
    assert build.ground(small).outage == range(0)


def test_the_ledger_of_a_run_without_one_starts_where_it_did_before_there_were_any(
    small: Scenario,
) -> None:
    described = small.model_dump(mode="json")
    told = genesis(described, "0" * 64, "market")
    grid = {k: v for k, v in described["grid"].items() if not k.startswith("outage")}
    battery = {k: v for k, v in described["battery"].items() if k != "reserve_fraction"}
    before = {**described, "grid": grid, "battery": battery}
    assert genesis(before, "0" * 64, "market") == told
    longer = {**described["grid"], "outage_hours": 9.0}
    assert genesis({**described, "grid": longer}, "0" * 64, "market") == told
    starts = {**described["grid"], "outage_start": "2017-03-16"}
    assert genesis({**described, "grid": starts}, "0" * 64, "market") != told
    kept = {**described["battery"], "reserve_fraction": 0.1}
    assert genesis({**described, "battery": kept}, "0" * 64, "market") != told
