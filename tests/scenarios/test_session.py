"""From what was typed to a folder of results, in one call."""

from functools import partial
from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios import session, store
from scenarios.compare import Comparison, Means, Progress, compare
from scenarios.load import load
from scenarios.schema import Scenario
from scenarios.summary import summary

SETTINGS = ("homes.count=2", "run.days=1", "forecast.samples_count=1")
NOTHING: session.Typed = ("fontana", SETTINGS, {}, ())


def test_what_was_typed_is_lived_stored_and_told(tmp_path: Path) -> None:
    asked: list[tuple[Scenario, Means]] = []

    def live(scenario: Scenario, progress: Progress, means: Means) -> Comparison:
        asked.append((scenario, means))
        return compare(scenario, ["grid_only", "self_use"], progress, means)

    typed: session.Typed = ("fontana", SETTINGS, {"--seed": 7}, ("unlimited",))
    figures, folder = session.run(typed, live, tmp_path / "out", workers=1, quiet=True)
    ((scenario, means),) = asked
    assert scenario == load(*typed)
    assert (scenario.seed, scenario.market.order_max_kwh) == (7, None)
    assert means.workers == 1
    assert means.profiles is not None
    assert means.parts is not None
    assert not means.parts.exists()
    assert list((tmp_path / "out").iterdir()) == [folder]
    assert store.verify(folder) == []
    assert figures == summary(compare(scenario, ["grid_only", "self_use"]))
    assert (folder / "baseline_results.csv").exists()


def test_nothing_is_lived_where_nothing_can_be_stored(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    lived: list[object] = []
    with pytest.raises(InputError, match="must be a folder"):
        session.run(NOTHING, partial(_told, lived), tmp_path / "file", quiet=True)
    assert lived == []


def test_a_run_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    lived: list[object] = []
    with pytest.raises(ZeroDivisionError):
        session.run(NOTHING, partial(_told, lived), tmp_path / "out", quiet=True)
    assert len(lived) == 1
    assert list(tmp_path.iterdir()) == []


def _told(lived: list[object], scenario: Scenario, _: Progress, means: Means) -> Comparison:
    assert means.parts is not None
    means.parts.mkdir(parents=True)
    lived.append(scenario)
    raise ZeroDivisionError
