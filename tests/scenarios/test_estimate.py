"""How long a batch takes, and how much it writes."""

import json

import pytest

from scenarios import estimate, kept
from scenarios.batch_folder import Planned
from scenarios.estimate import Estimate
from scenarios.plan import plan
from scenarios.sweep_source import Typed

PROBE = estimate._Probe(100, 2, 1.0, 10.2, 5000, 400)


@pytest.fixture
def runs() -> tuple[Planned, ...]:
    """Plan two runs of a day, and one of three with another forecast."""
    options = {"--homes": 2}
    asked = Typed("fontana", options=options, grid=["run.days=1,3"], more={"--arms": ["gross"]})
    day, three = plan(asked).runs
    other = three.job.scenario.model_copy(
        update={"forecast": three.job.scenario.forecast.model_copy(update={"samples_count": 3})}
    )
    return (
        day,
        three,
        three.model_copy(update={"job": three.job.model_copy(update={"scenario": other})}),
    )


def test_runs_are_reckoned_by_steps_and_homes(
    runs: tuple[Planned, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """100 steps of 2 homes took 10.2 s beside 1 s, and left 400 bytes beside 5,000."""
    tried: list[tuple[int, bool]] = []

    def probe(run: Planned, _: object, *, shares: bool) -> estimate._Probe:
        tried.append((run.number, shares))
        return PROBE

    monkeypatch.setattr(estimate, "_probe", probe)
    long = runs[0].model_copy(update={"steps_count": 200, "homes_count": 104})
    found = estimate.estimate([runs[0].model_copy(update={"steps_count": 100}), long], 1)
    assert tried == [(1, True)]
    assert found.seconds == pytest.approx((1 + 10.2) + (1 + 10.2 * 2 * 2))
    assert found.bytes_count == 5000 + 400 + 5000 + 400 * 2 * 52
    alike = estimate.estimate([long, long], 8)
    assert alike.processes_count == 2
    assert alike.seconds == pytest.approx(4.0 + 41.8)
    tried.clear()
    assert estimate.estimate(runs, 2).probed == (1, 2)  # the forecast makes another kind
    assert len(tried) == 2


def test_a_day_is_lived_to_see(runs: tuple[Planned, ...]) -> None:
    told: list[tuple[str, int, int]] = []
    found = estimate.estimate(runs[:1], 1, lambda *each: told.append(each))
    assert {each[0] for each in told} == {"trying gross"}
    assert [each[1] for each in told] == [*range(1, 49)] * 2
    assert 0 < found.seconds < 60
    assert 10_000 < found.bytes_count < 100_000
    assert kept._KEPT.get() is None


def test_an_estimate_says_what_it_rests_on() -> None:
    small = Estimate(99.4, 1, 12_345, (1,))
    assert small.text() == "about 99 s with 1 process, 12 kB; measured on a day of run 1"
    large = Estimate(7200.0, 2, 3_210_000_000, (1, 9))
    assert large.text() == "about 2.0 h with 2 processes, 3.2 GB; measured on a day of run 1, 9"
    assert (
        Estimate(600.0, 2, 5_000_000, (1,)).text().startswith("about 10 min with 2 processes, 5 MB")
    )
    assert json.loads(json.dumps(large.told())) == {
        "seconds": 7200.0,
        "processes_count": 2,
        "bytes_count": 3_210_000_000,
        "measured_on_a_day_of_runs": [1, 9],
    }
